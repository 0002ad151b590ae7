# The records of lost memory in a log of valgrind that passed through our code: printed, and an exit status of 1. What Python loses
# of its own is Python's.
function judge() {
	if (record ~ /definitely lost in/ && record ~ /typecheck/) {
		printf "%s", record
		bad = 1
	}
	record = ""
}
/^==[0-9]+== $/ { judge(); next }
{ record = record $0 "\n" }
END { judge(); exit bad }
