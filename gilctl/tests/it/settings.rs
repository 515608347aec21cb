//! The config file of gilctl: precedence, origins, refusals, and that a setting refuses no command.

use std::process::{Command, Output};

use tempfile::TempDir;

/// A user with a config file.
struct User(TempDir);

impl User {
    fn with(file: &str) -> Self {
        let home = tempfile::tempdir().expect("a directory");
        let folder = home.path().join("config/gild");
        std::fs::create_dir_all(&folder).expect("ours");
        std::fs::write(folder.join("config.toml"), file).expect("ours");
        Self(home)
    }

    fn gilctl(&self, line: &str, variables: &[(&str, &str)]) -> Output {
        let mut gilctl = Command::new(env!("CARGO_BIN_EXE_gilctl"));
        for name in ["GILCTL_SERVER", "GILCTL_CONFIG", "GILCTL_DATA_DIR"] {
            gilctl.env_remove(name);
        }
        gilctl.env("XDG_CONFIG_HOME", self.0.path().join("config"));
        gilctl.env("XDG_RUNTIME_DIR", self.0.path()).env("XDG_DATA_HOME", self.0.path());
        gilctl.envs(variables.iter().copied()).args(line.split(' '));
        gilctl.output().expect("gilctl runs")
    }

    #[track_caller]
    fn prints(&self, line: &str, variables: &[(&str, &str)]) -> String {
        let output = self.gilctl(line, variables);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{line}: {said}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// The message, with `FILE` for the path of the file.
    #[track_caller]
    fn refuses(&self, line: &str) -> String {
        let output = self.gilctl(line, &[]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(78), 0), "{line}: {said}");
        let path = self.0.path().join("config/gild/config.toml");
        said.replace(&path.display().to_string(), "FILE").trim_end().to_owned()
    }
}

/// Value and origin of a setting.
#[track_caller]
fn shown(table: &str, key: &str) -> (String, String) {
    let row = table.lines().find(|line| line.split_whitespace().next() == Some(key));
    let row = row.unwrap_or_else(|| panic!("no {key}: {table}"));
    let mut cells = row.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).skip(1);
    let mut cell = || cells.next().unwrap_or_default().to_owned();
    (cell(), cell())
}

#[test]
fn flag_precedes_variable_precedes_file_precedes_default() {
    let user = User::with("server = \"http://file:1\"\ndata-dir = \"/file\"\n\nquiet = true\n");
    let variables = [("GILCTL_DATA_DIR", "/variable"), ("GILCTL_SERVER", "http://variable:1")];
    let table = user.prints("config show --origin --server http://flag:1", &variables);
    assert_eq!(shown(&table, "server"), ("http://flag:1".into(), "flag".into()));
    let variable = "environment GILCTL_DATA_DIR";
    assert_eq!(shown(&table, "data-dir"), ("/variable".into(), variable.into()));
    let (value, origin) = shown(&table, "quiet");
    assert!(value == "true" && origin.ends_with("config/gild/config.toml:4"), "{value} {origin}");
    assert_eq!(shown(&table, "output"), ("table".into(), "default".into()));
    assert_eq!(shown(&table, "no-plot"), ("false".into(), "default".into()));
    assert_eq!(shown(&table, "ca"), ("not set".into(), "default".into()));
}

#[test]
fn variable_names_another_file() {
    let user = User::with("color = \"never\"\n");
    let other = user.0.path().join("other.toml");
    std::fs::write(&other, "color = \"always\"\nno-plot = true\n").expect("ours");
    let other = other.to_str().expect("text");
    let table = user.prints("config show --origin", &[("GILCTL_CONFIG", other)]);
    assert_eq!(shown(&table, "color"), ("always".into(), format!("{other}:1")));
    assert_eq!(shown(&table, "no-plot"), ("true".into(), format!("{other}:2")));
    assert!(!user.prints("config show", &[]).contains("ORIGIN"));
}

#[test]
fn wrong_line_is_named_with_a_way_out_and_code_78() {
    for (file, wanted) in [
        (
            "\noutptu = \"json\"\n",
            "gilctl: FILE:2: outptu: there is no such key; did you mean `output`? \
             `gilctl config show` prints them all",
        ),
        (
            "strategy = \"gil\"\n",
            "gilctl: FILE:1: strategy: there is no such key; `gilctl config show` prints them all",
        ),
        (
            "output = \"xml\"\n",
            "gilctl: FILE:1: output: `xml` is refused; choose one of table, ndjson, json, csv, \
             markdown",
        ),
        ("quiet = \"yes\"\n", "gilctl: FILE:1: quiet: `yes` is refused; write true or false"),
    ] {
        let user = User::with(file);
        assert_eq!(user.refuses("config show"), wanted);
        assert_eq!(user.refuses("strategies"), wanted);
        // What asks for help gets it.
        assert!(user.prints("sweep --help", &[]).starts_with("Run a grid"));
    }
    assert!(User::with("output =\n").refuses("list").starts_with("gilctl: FILE:1: "));
}

/// What is typed in vain is refused; what stands in the file is for the commands that it touches.
#[test]
fn setting_refuses_no_command() {
    let user = User::with("columns = \"strategy,right\"\nno-history = true\nno-plot = true\n");
    user.prints("list", &[]);
    user.prints("man", &[]);
    let table = user.prints("sweep --strategy atomic --attempts 2 --tasks 2", &[]);
    assert!(table.contains("STRATEGY") && !table.contains("INC/S"), "{table}");
    let json = User::with("output = \"json\"\n").prints("strategies", &[]);
    assert!(json.starts_with("{\"schema\":\"gild.v2\""), "{json}");
    User::with("output = \"json\"\n").prints("completions bash", &[]);
}

/// Every flag of all commands is a setting.
#[test]
fn every_flag_of_all_commands_is_a_setting() {
    use clap::CommandFactory as _;
    let table = User::with("").prints("config show --output csv", &[]);
    for flag in gilctl::cli::Flags::command().get_arguments() {
        let key = flag.get_long().expect("a long flag");
        assert!(table.lines().any(|line| line.starts_with(&format!("{key},"))), "{key}: {table}");
    }
}

#[test]
fn wrong_column_of_the_file_is_refused_with_its_line() {
    let user = User::with("# columns of tables\ncolumns = \"strategy,rigth\"\n");
    let said = user.refuses("list");
    let wanted = "gilctl: FILE:2: columns: `rigth` is not a column; did you mean `right`? choose";
    assert!(said.starts_with(wanted), "{said}");
}

#[test]
fn quiet_together_with_verbose_is_refused_with_its_line() {
    let said = User::with("quiet = true\nverbose = true\n").refuses("list");
    assert_eq!(
        said,
        "gilctl: FILE:2: verbose: cannot be true together with `quiet`; leave out one of them"
    );
    User::with("quiet = true\nverbose = false\n").prints("config show", &[]);
}
