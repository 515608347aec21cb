use super::*;
use crate::daemon::settings::toml::to_toml;

/// A directory with a config file, and what is loaded with it.
struct Fixture {
    directory: tempfile::TempDir,
    variables: Vec<(&'static str, &'static str)>,
}

impl Fixture {
    fn new(text: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        std::fs::write(directory.path().join("gild.toml"), text).expect("ours");
        Self { directory, variables: Vec::new() }
    }

    fn file(&self) -> String {
        self.directory.path().join("gild.toml").display().to_string()
    }

    fn load(&self, typed: &[&str]) -> Result<LoadedSettings, SettingsError> {
        let file = self.file();
        let arguments = ["gild", "serve", "--config", &file];
        let arguments: Vec<_> = arguments.iter().chain(typed).map(OsString::from).collect();
        let variable = |name: &str| {
            let found = self.variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        };
        load(&arguments, variable)
    }

    /// The error without the path of the file.
    fn refusal(&self) -> String {
        let error = self.load(&[]).expect_err("it is refused").to_string();
        error.replace(&self.file(), "FILE")
    }
}

#[test]
fn misspelt_variable_is_reported() {
    let warnings = |name: &str| misspelt(std::iter::once(name.to_owned())).concat();
    assert_eq!(
        warnings("GILD_DRAIN_TIMOUT"),
        "GILD_DRAIN_TIMOUT is set, but no setting has this name; did you mean GILD_DRAIN_TIMEOUT?"
    );
    for fine in ["GILD_DRAIN_TIMEOUT", "GILD_CONFIG", "GILD_PORT", "GILD_DEBUG_STAY_WHILE", "PATH"]
    {
        assert_eq!(warnings(fine), "");
    }
}

fn setting<'a>(loaded: &'a LoadedSettings, key: &str) -> (&'a [String], &'a Origin) {
    let found = loaded.effective.iter().find(|effective| effective.key == key).expect(key);
    (&found.values, &found.origin)
}

#[test]
fn flag_overrides_environment_overrides_file_overrides_default() {
    let mut place =
        Fixture::new("log = \"error\"\nlog-format = \"json\"\ndrain-timeout = \"2s\"\n");
    place.variables = vec![("GILD_LOG", "warn"), ("GILD_LOG_FORMAT", "text")];
    let loaded = place.load(&["--log", "debug"]).expect("all is fine");
    assert_eq!(setting(&loaded, "log"), (&["debug".to_owned()][..], &Origin::Flag));
    let environment = Origin::Environment("GILD_LOG_FORMAT".into());
    assert_eq!(setting(&loaded, "log-format"), (&["text".to_owned()][..], &environment));
    let file = Origin::File { path: place.file().into(), line: 3 };
    assert_eq!(setting(&loaded, "drain-timeout"), (&["2s".to_owned()][..], &file));
    assert_eq!(setting(&loaded, "listen"), (&[][..], &Origin::Default));
    assert_eq!(loaded.settings.drain_timeout.get().as_secs(), 2);
    assert_eq!(loaded.settings.log.to_string(), "debug");
}

#[test]
fn list_setting_is_read_from_every_source() {
    let mut place = Fixture::new("python = [\"a\", \"b\"]\n");
    let loaded = place.load(&[]).expect("fine").settings;
    assert_eq!(loaded.python, [PathBuf::from("a"), "b".into()]);
    place.variables = vec![("GILD_PYTHON", "/c:/d")];
    let loaded = place.load(&[]).expect("fine").settings;
    assert_eq!(loaded.python, [PathBuf::from("/c"), "/d".into()]);
    let loaded = place.load(&["--python", "e"]).expect("fine").settings;
    assert_eq!(loaded.python, [PathBuf::from("e")]);
}

#[test]
fn rust_log_applies_without_gild_log() {
    let mut place = Fixture::new("");
    place.variables = vec![("RUST_LOG", "trace")];
    let loaded = place.load(&[]).expect("fine");
    let known = Origin::Environment("RUST_LOG".into());
    assert_eq!(setting(&loaded, "log"), (&["trace".to_owned()][..], &known));
    place.variables.push(("GILD_LOG", "warn"));
    assert_eq!(place.load(&[]).expect("fine").settings.log.to_string(), "warn");
}

#[test]
fn file_error_has_line_and_way_out() {
    for (text, wanted) in [
        (
            "\nsokcet = \"/a\"",
            "FILE:2: sokcet: there is no such key; did you mean `socket`? `gild check-config` \
             prints \
             them all",
        ),
        ("[doors]\n", "FILE:1: doors: there is no such key; `gild check-config` prints them all"),
        (
            "config = \"/a\"",
            "FILE:1: config: there is no such key; `gild check-config` prints them all",
        ),
        ("socket = true", "FILE:1: socket: `true` is refused; write one value in quotes"),
        ("socket = [\"a\"]", "FILE:1: socket: a list is refused; write one value in quotes"),
        (
            "python = 1.5",
            "FILE:1: python: a number with a fraction is refused; write a list of values in \
             quotes, \
             e.g. [\"one\", \"two\"]",
        ),
        (
            "drain-timeout = \"1h\"",
            "FILE:1: drain-timeout: `1h` is outside the limits; choose a time from 500ms to 90s",
        ),
        (
            "log-format = \"xml\"",
            "FILE:1: log-format: `xml` is refused; choose one of auto, text, json",
        ),
        (
            "listen = \"here\"",
            "FILE:1: listen: `here` is refused: invalid socket address syntax; `gild serve --help` \
             says what it takes",
        ),
    ] {
        assert_eq!(Fixture::new(text).refusal(), wanted);
    }
    let syntax = Fixture::new("socket = /a\n").refusal();
    assert!(
        syntax.starts_with("FILE:1: ") && syntax.ends_with("text stands in quotes"),
        "{syntax}"
    );
}

#[test]
fn rejected_variable_is_named() {
    let mut place = Fixture::new("");
    place.variables = vec![("GILD_METRICS", "here")];
    let refusal = place.refusal();
    assert!(
        refusal.starts_with("environment GILD_METRICS: metrics: `here` is neither"),
        "{refusal}"
    );
}

#[test]
fn printed_settings_load_to_equal_values() {
    let place = Fixture::new("python = [\"a\\\"b\"]\nmetrics = 9878\n");
    let loaded = place.load(&["--drain-timeout", "3s"]).expect("fine");
    let page = to_toml(&loaded);
    let again = Fixture::new(&page).load(&[]).expect("it is a config file");
    let said = |loaded: &LoadedSettings| {
        let all = loaded.effective.iter().map(|e| (e.key.clone(), e.values.clone()));
        all.collect::<Vec<_>>()
    };
    assert_eq!(said(&again), said(&loaded), "{page}");
    assert!(page.contains("drain-timeout = \"3s\""), "{page}");
    assert!(page.contains("# listen: not set") && page.contains(":2\n"), "{page}");
}

#[test]
fn serve_and_check_config_have_equal_keys() {
    let names =
        |command| keys(command).iter().map(|key| key_of(key).to_owned()).collect::<Vec<_>>();
    assert_eq!(names("serve"), names("check-config"));
    assert!(names("serve").contains(&"metrics".into()));
}
