//! How claims are judged, and what is printed of it: the options of `check` and `diff`.

use clap::{Args, ValueEnum};
use ffitypecheck::check::{Options, Owner, Rule};

/// What passes, and what is printed of it.
#[derive(Args, Debug)]
pub struct JudgementArguments {
    /// What DIFFERS does not pass
    #[arg(long)]
    pub strict: bool,

    /// What is UNVERIFIED does not pass
    #[arg(long)]
    pub require: bool,

    /// Who makes the memory that arguments and types by themselves point to
    ///
    /// If the caller allocates it, with its own types, the library may write past memory that is too small. If the library
    /// allocates it, the caller may use only a part of it, and reads past it if its type is larger. If it is not known who does,
    /// a finding that depends on it only DIFFERS and is marked `at the call`: a runtime can check each call.
    #[arg(long, value_name = "OWNER", value_enum, default_value_t = OwnerArgument::Caller)]
    pub owner: OwnerArgument,

    /// Leave out the findings of a rule, by its id; may be repeated
    #[arg(long = "ignore", value_name = "RULE", value_parser = rule)]
    pub ignored: Vec<Rule>,

    /// Print also the findings that pass, and all that have one cause
    ///
    /// Without this option, a record that differs is reported once, with the names of the functions and variables that use it.
    #[arg(long, short)]
    pub verbose: bool,

    /// Print both sides' layouts of a record side by side
    #[arg(long)]
    pub layout: bool,

    /// Print nothing; the exit status tells
    #[arg(long, short, conflicts_with_all = ["verbose", "layout", "form"])]
    pub quiet: bool,

    /// The form of the output
    #[arg(long = "as", value_name = "FORM", value_enum, default_value_t = ReportForm::Text)]
    pub form: ReportForm,
}

impl JudgementArguments {
    /// The same for the library.
    pub fn options(&self) -> Options {
        Options {
            strict: self.strict,
            require: self.require,
            ignored: self.ignored.iter().copied().collect(),
            owner: match self.owner {
                OwnerArgument::Caller => Owner::Caller,
                OwnerArgument::Library => Owner::Library,
                OwnerArgument::Unknown => Owner::Unknown,
            },
            ..Options::default()
        }
    }
}

/// [`Owner`], as the command line names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OwnerArgument {
    /// The caller, by the claimed types
    Caller,
    /// The library, by its own types
    Library,
    /// It is not known
    Unknown,
}

fn rule(id: &str) -> Result<Rule, String> {
    Rule::from_id(id).ok_or_else(|| {
        let ids: Vec<&str> = Rule::all().map(Rule::id).collect();
        format!("there is no such rule; the rules are {}", ids.join(", "))
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportForm {
    /// One line per finding, and a summary
    Text,
    /// One document, described in docs/json.md
    Json,
}
