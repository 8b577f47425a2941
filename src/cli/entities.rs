use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};

use super::Exit;
use super::named;
use crate::config::Schema;
use crate::entities::{Alias, Aliases, Split, unknown_type};

/// Edit the file of names that you know, which `dossier extract --aliases` takes
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  dossier entities merge \"Muammar Kaddafi\" \"Muammar Gaddafi\" --type PER --aliases aliases.csv\n  dossier entities split Rama --type PER --aliases aliases.csv\n\nLikely pairs are in a run's entities_review.csv."
)]
pub struct EntitiesArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make two names one entity
    Merge(MergeArgs),
    /// Keep a name apart from the entity that it was joined to
    Split(SplitArgs),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  dossier entities merge \"Muammar Kaddafi\" \"Muammar Gaddafi\" --type PER --aliases aliases.csv"
)]
struct MergeArgs {
    /// The name as articles write it
    #[arg(value_name = "ALIAS")]
    alias: String,
    /// The name of the entity
    #[arg(value_name = "CANONICAL")]
    canonical: String,
    /// Type of the entity, such as PER
    #[arg(long = "type", value_name = "TYPE")]
    label: String,
    /// Country of the entity, in three letters (ISO 3166-1), such as ALB
    #[arg(long, value_name = "CODE", default_value = "")]
    country: String,
    /// The file to edit; it is made if it is not there
    #[arg(long, value_name = "FILE")]
    aliases: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  dossier entities split Rama --type PER --aliases aliases.csv")]
struct SplitArgs {
    /// The name as articles write it
    #[arg(value_name = "ALIAS")]
    alias: String,
    /// Type of the entity, such as PER
    #[arg(long = "type", value_name = "TYPE")]
    label: String,
    /// The file to edit; it is made if it is not there
    #[arg(long, value_name = "FILE")]
    aliases: PathBuf,
}

pub fn run(args: &EntitiesArgs) -> Result<Exit> {
    match &args.action {
        Action::Merge(args) => merge(args)?,
        Action::Split(args) => split(args)?,
    }
    Ok(Exit::Ok)
}

fn merge(args: &MergeArgs) -> Result<()> {
    if args.alias.trim() == args.canonical.trim() {
        return Err(crate::Error::Usage(format!(
            "{0:?} is one name already; to keep it apart from all others: dossier entities split {0:?}",
            args.alias.trim()
        ))
        .into());
    }
    let mut aliases = load(&args.aliases)?;
    tell_unknown(args.label.trim())?;
    aliases.merge(Alias {
        alias: args.alias.trim().to_owned(),
        canonical: args.canonical.trim().to_owned(),
        label: args.label.trim().to_owned(),
        country: args.country.trim().to_uppercase(),
    })?;
    aliases.save(&args.aliases)?;
    let (alias, canonical) = (args.alias.trim(), args.canonical.trim());
    tracing::info!(
        "{}: {alias} is now {canonical}; run extract again with --aliases {0}",
        args.aliases.display()
    );
    Ok(())
}

fn split(args: &SplitArgs) -> Result<()> {
    let mut aliases = load(&args.aliases)?;
    tell_unknown(args.label.trim())?;
    let alias = args.alias.trim();
    let outcome = match aliases.split(alias, args.label.trim())? {
        Split::RowRemoved => "is no longer another name of an entity",
        Split::KeptApart => "is now kept apart from all other names",
    };
    aliases.save(&args.aliases)?;
    tracing::info!(
        "{}: {alias} {outcome}; run extract again with --aliases {0}",
        args.aliases.display()
    );
    Ok(())
}

/// The table that is there, or an empty one.
fn load(path: &std::path::Path) -> Result<Aliases> {
    if path.exists() {
        named::file(path)?;
        return Ok(Aliases::load(path)?);
    }
    if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        named::folder(folder)?;
    }
    Ok(Aliases::default())
}

/// Which model will read the table is not known here; its own types are told when it does.
fn tell_unknown(label: &str) -> Result<()> {
    let bundled = Schema::bundled()?;
    let types: Vec<&str> = bundled.entities.iter().map(|e| e.name.as_str()).collect();
    if !types.contains(&label) {
        tracing::warn!("{}", unknown_type(label, &types));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: EntitiesArgs,
    }

    fn typed(line: &[&str], path: &std::path::Path) -> Result<Exit> {
        let file = path.to_str().unwrap();
        let flags = ["--type", "PER", "--aliases", file];
        let words = ["entities"].iter().chain(line).chain(&flags);
        run(&Line::try_parse_from(words)?.args)
    }

    #[test]
    fn what_is_merged_can_be_split() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("aliases.csv");
        let text = || std::fs::read_to_string(&path).unwrap();
        typed(&["merge", "Kaddafi", "Gaddafi", "--country", "lby"], &path).unwrap();
        assert_eq!(
            text(),
            "alias,canonical,type,country\nKaddafi,Gaddafi,PER,LBY\n"
        );
        typed(&["split", "Kaddafi"], &path).unwrap();
        assert_eq!(text(), "alias,canonical,type,country\n");
        typed(&["split", "Kaddafi"], &path).unwrap();
        assert_eq!(
            text(),
            "alias,canonical,type,country\nKaddafi,Kaddafi,PER,\n"
        );
    }

    #[test]
    fn wrong_files_and_names_are_wrong_usage() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        for (outcome, told) in [
            (typed(&["merge", "a", "b"], dir.path()), "is a folder"),
            (
                typed(&["merge", "a", "b"], &at("no/a.csv")),
                "no such folder",
            ),
            (
                typed(&["merge", "a", " a"], &at("a.csv")),
                "entities split \"a\"",
            ),
        ] {
            let error = outcome.unwrap_err();
            assert_eq!(Exit::of_error(&error), Some(Exit::Usage));
            assert!(error.to_string().contains(told), "{error}");
        }
        typed(&["merge", "a", "b"], &at("a.csv")).unwrap();
        let circle = typed(&["merge", "b", "a"], &at("a.csv")).unwrap_err();
        assert!(circle.to_string().contains("in a circle"), "{circle}");
        let text = std::fs::read_to_string(at("a.csv")).unwrap();
        assert_eq!(text, "alias,canonical,type,country\na,b,PER,\n");
    }

    #[test]
    fn a_country_that_is_none_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("aliases.csv");
        let outcome = typed(&["merge", "a", "b", "--country", "Libya"], &path);
        assert!(outcome.unwrap_err().to_string().contains("no country code"));
        assert!(!path.exists());
    }
}
