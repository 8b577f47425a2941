use crate::support::dossier;

/// The help text of a command.
fn help(command: &[String]) -> String {
    let done = dossier().args(command).arg("--help").assert().success();
    String::from_utf8(done.get_output().stdout.clone()).unwrap()
}

/// The commands that a help text lists.
fn listed(help: &str) -> Vec<String> {
    help.lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_string)
        .collect()
}

/// `command` and all commands below it, with their help texts.
fn commands(command: Vec<String>) -> Vec<(Vec<String>, String)> {
    let text = help(&command);
    let mut all: Vec<_> = listed(&text)
        .into_iter()
        .flat_map(|name| {
            let mut below = command.clone();
            below.push(name);
            commands(below)
        })
        .collect();
    all.push((command, text));
    all
}

#[test]
fn every_command_has_an_example() {
    let all = commands(Vec::new());
    for name in ["", "extract", "train", "model", "model show"] {
        let named = |(command, _): &(Vec<String>, String)| command.join(" ") == name;
        assert!(all.iter().any(named), "{name}");
    }
    for (command, text) in all {
        let (_, example) = text
            .split_once("Example:\n")
            .unwrap_or_else(|| panic!("{command:?} has no example"));
        assert!(
            example.contains(&format!("dossier {}", command.join(" "))),
            "{command:?}: {example}"
        );
    }
}

#[test]
fn the_version_is_told() {
    let told = format!("dossier {}\n", env!("CARGO_PKG_VERSION"));
    dossier().arg("--version").assert().success().stdout(told);
}
