# Writes man pages from include/ffitypecheck.h: one for each topic, and for each function one that refers to it.
#
# awk -v directory=DIR -v version=VERSION -v date=YYYY-MM-DD -f man3.awk include/ffitypecheck.h

# Text that roff shows as it is; names in backticks are bold.
function roff(text) {
	gsub(/\\/, "\\e", text)
	gsub(/-/, "\\-", text)
	gsub(/→/, "\\[->]", text)
	while (match(text, /`[^`]*`/))
		text = substr(text, 1, RSTART - 1) "\\fB" substr(text, RSTART + 1, RLENGTH - 2) "\\fR" \
			substr(text, RSTART + RLENGTH)
	if (text ~ /^[.']/)
		text = "\\&" text
	return text
}

# The paragraphs of a comment, without the one about errors, which goes into its own section.
function paragraphs(text, name,    parts, count, i, result) {
	count = split(text, parts, /\n\n+/)
	for (i = 1; i <= count; i++) {
		sub(/^\n/, "", parts[i])
		if (parts[i] == "")
			continue
		if (name != "" && sub(/^Errors: /, "", parts[i]))
			errors = errors ".TP\n\\fB" name "\\fR\n" lines(capital(parts[i]))
		else
			result = result (result == "" ? "" : ".PP\n") lines(parts[i])
	}
	return result
}

function capital(text) {
	return toupper(substr(text, 1, 1)) substr(text, 2)
}

function lines(text,    parts, count, i, result) {
	count = split(text, parts, /\n/)
	for (i = 1; i <= count; i++)
		if (parts[i] != "")
			result = result roff(parts[i]) "\n"
	return result
}

# A paragraph with a heading, inside which another paragraph has to be indented.
function item(heading, text) {
	text = paragraphs(text)
	gsub(/\n\.PP\n/, "\n.IP\n", text)
	return ".TP\n\\fB" roff(heading) "\\fR\n" text
}

function page(name) {
	return "ftc_" tolower(name)
}

function write_topic(    file, name, i) {
	if (topic == "")
		return
	name = page(topic)
	topic_name[++topics] = topic
	file = directory "/" name ".3"
	printf ".TH %s 3 %s \"libffitypecheck %s\" \"libffitypecheck\"\n", toupper(name), date, version > file
	printf ".SH NAME\n%s", name > file
	for (i = 1; i <= functions; i++)
		printf ",\n%s", function_name[i] > file
	printf "\n\\- %s: %s\n", "the C interface of libffitypecheck", tolower(topic) > file
	printf ".SH SYNOPSIS\n.nf\n\\fB#include <ffitypecheck.h>\\fR\n%s.fi\n", synopsis > file
	printf ".SH DESCRIPTION\n%s", paragraphs(introduction) > file
	if (types != "")
		printf ".SS Constants and types\n%s", types > file
	printf "%s", described > file
	if (errors != "")
		printf ".SH ERRORS\nEvery function may also fail with FTC_ERR_INTERNAL, FTC_ERR_FORKED or FTC_ERR_NO_MEMORY.\n%s", errors > file
	printf ".SH SEE ALSO\n.BR ffitypecheck (3)%s\n", topic == "Errors" ? "" : ",\n.BR ftc_errors (3)" > file
	close(file)
	for (i = 1; i <= functions; i++) {
		file = directory "/" function_name[i] ".3"
		printf ".so man3/%s.3\n", name > file
		close(file)
	}
	functions = 0
	synopsis = types = described = errors = ""
}

function write_head(    file, i) {
	file = directory "/ffitypecheck.3"
	sub(/^[^\n]*\n[^\n]*\n/, "", head)
	printf ".TH FFITYPECHECK 3 %s \"libffitypecheck %s\" \"libffitypecheck\"\n", date, version > file
	printf ".SH NAME\nffitypecheck \\- compares the types of calls through libffi with C declarations\n" > file
	printf ".SH SYNOPSIS\n.nf\n\\fB#include <ffitypecheck.h>\\fR\n.PP\n" > file
	printf "cc program.c $(pkg\\-config \\-\\-cflags \\-\\-libs ffitypecheck)\n.fi\n.SH DESCRIPTION\n%s", paragraphs(head) > file
	printf ".SH SEE ALSO\n" > file
	for (i = 1; i <= topics; i++)
		printf ".BR %s (3)%s\n", page(topic_name[i]), i < topics ? "," : "" > file
}

function write_function(declaration, text,    name) {
	name = declaration
	sub(/\(.*/, "", name)
	sub(/.*[ *]/, "", name)
	function_name[++functions] = name
	gsub(/\\/, "\\e", declaration)
	synopsis = synopsis ".PP\n" declaration "\n"
	described = described ".SS " name "\n" paragraphs(text, name)
}

# The comment at the head of the header.
NR == 1 { in_head = 1 }
in_head {
	line = $0
	in_head = !sub(/ *\*\/$/, "", line)
	sub(/^ +/, "", line)
	head = head line "\n"
	next
}

# A new topic: its name alone on the line that opens a comment.
/^\/\* [A-Z][a-z]+$/ {
	write_topic()
	topic = $2
	introduction = ""
	in_introduction = 1
	next
}
in_introduction {
	line = $0
	in_introduction = !sub(/ *\*\/$/, "", line)
	sub(/^ +/, "", line)
	introduction = introduction line "\n"
	next
}
topic == "" || /^$/ { next }

/^ *\/\*\*/ { in_comment = 1; comment = ""; next }
in_comment && /^ *\*\// { in_comment = 0; next }
in_comment {
	line = $0
	sub(/^ *\* ?/, "", line)
	comment = comment line "\n"
	next
}

/^#define/ && comment != "" {
	if (NF == 3)
		types = types item($2 " = " $3, comment)
	comment = ""
	next
}
/^typedef (enum|struct) .*{$/ {
	types = types item($2 " " $3, comment) ".RS\n"
	comment = ""
	block = 1
	next
}
block && /^}/ { block = 0; types = types ".RE\n"; next }
block {
	line = $0
	gsub(/^ +|[,;]$/, "", line)
	types = types item(line, comment)
	comment = ""
	next
}
/^typedef .*;$/ && comment != "" {
	line = $0
	sub(/;$/, "", line)
	types = types item(line, comment)
	comment = ""
	next
}
comment != "" && (/^[a-z]/ || declaration != "") {
	declaration = declaration (declaration == "" ? "" : "\n") $0
	if (/;$/) {
		write_function(declaration, comment)
		declaration = comment = ""
	}
}
END {
	write_topic()
	write_head()
}
