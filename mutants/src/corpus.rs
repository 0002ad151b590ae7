//! The libraries, and what each of them was last seen to hold.

use ffitypecheck::check::{check_declaration, Options, TypeClaim, Verdict};
use ffitypecheck::ctype::{Declaration, DeclarationKind, Kind, TypeId, Types};
use ffitypecheck::identity;
use ffitypecheck::image::{find_library, SearchOptions};
use ffitypecheck::Library;

use crate::copy::Copier;

/// A library whose every described export is claimed.
pub struct Truth {
    /// The name of the library's file.
    pub name: String,
    /// Its declarations with their true claims in `claims`.
    pub claimed: Vec<(Declaration, TypeId)>,
    /// The table of the claims.
    pub claims: Types,
    /// Exports without a declaration.
    pub not_described: usize,
}

impl Truth {
    /// Describes and claims every export. Errors: the library or its debug information is not there.
    pub fn of(name: &str) -> Result<Truth, String> {
        let path = find_library(name).map_err(|error| format!("{error:#}"))?;
        let options = SearchOptions::from_environment();
        let library = Library::open(&path, &options).map_err(|error| format!("{error:#}"))?;
        let mut declarations = Vec::new();
        let mut not_described = 0;
        for symbol in library.exports().map_err(|error| format!("{error:#}"))? {
            match library.describe_export(symbol) {
                Ok(declaration) => declarations.push(declaration),
                Err(_) => not_described += 1,
            }
        }
        let Some(types) = declarations.first().map(|first| std::sync::Arc::clone(&first.types))
        else {
            return Err(format!("{name}: no export has a declaration"));
        };
        let mut copier = Copier::new(&types);
        let claimed = declarations
            .into_iter()
            .map(|declaration| {
                let claim = copier.copy(declaration.ty);
                (declaration, claim)
            })
            .collect();
        Ok(Truth { name: name.to_owned(), claimed, claims: copier.into_table(), not_described })
    }

    /// Holds every true claim against its declaration: how many of each verdict, and what is no MATCH.
    pub fn check(&self) -> Outcome {
        let mut outcome = Outcome { not_described: self.not_described, ..Outcome::default() };
        for (declaration, ty) in &self.claimed {
            let claim = TypeClaim { types: &self.claims, ty: *ty };
            let report = check_declaration(declaration, claim, &Options::default());
            match declaration.kind {
                DeclarationKind::Function => outcome.functions += 1,
                _ => outcome.variables += 1,
            }
            match report.findings().first() {
                None => outcome.matches += 1,
                Some(finding) => outcome.exceptions.push(Exception {
                    symbol: declaration.symbol.to_string(),
                    verdict: report.verdict(),
                    rule: finding.rule.id().to_owned(),
                    sentence: finding.sentence.to_string(),
                    why: why_unverified(declaration),
                }),
            }
        }
        outcome
    }
}

/// What the true claims of one library come to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Described functions.
    pub functions: usize,
    /// Described variables.
    pub variables: usize,
    /// Exports that have no declaration.
    pub not_described: usize,
    /// True claims that are a MATCH.
    pub matches: usize,
    /// All others.
    pub exceptions: Vec<Exception>,
}

/// A true claim that is no MATCH.
#[derive(Debug)]
pub struct Exception {
    /// The export.
    pub symbol: String,
    /// What the claim got.
    pub verdict: Verdict,
    /// The id of the rule.
    pub rule: String,
    /// What the finding says.
    pub sentence: String,
    /// What in the declaration is not known; `None` where all of it is, and so no exception is due.
    pub why: Option<String>,
}

/// What of a declaration nobody knows.
pub fn why_unverified(declaration: &Declaration) -> Option<String> {
    let types = &declaration.types;
    if declaration.function().is_some() && !declaration.parameters_known() {
        return Some("declared without a prototype".to_owned());
    }
    identity::reachable(types, [declaration.ty]).into_iter().find_map(|id| {
        match &types.get(id).kind {
            Kind::Unknown { reason } => Some(format!("a type is not known: {reason}")),
            // C++: the unit that holds the class's virtual functions describes it, and that one is another library's.
            Kind::Record(record) => record.members.iter().find_map(|member| {
                let part = types.resolved(member.ty);
                let declared = matches!(&part.kind, Kind::Record(part) if part.incomplete);
                let name = part.name.as_ref().map_or("", |name| name.as_str());
                declared.then(|| format!("{name}, which it contains, is only declared"))
            }),
            _ => None,
        }
    })
}
