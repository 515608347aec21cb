//! Texts around the help of commands: examples before it, what a list or an exit code means after it.

/// Order of the help: first what the program is.
pub(crate) const TEMPLATE: &str =
    "{about-with-newline}\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}";

/// Examples of gilctl itself.
pub(crate) const EXAMPLES: &str = "\
Examples:
  gilctl tour                                       six words, five commands
  gilctl sweep --strategy gil                       the chapter's experiment: six switch rules
  gilctl sweep --strategy gil,fair-mutex,atomic,unlocked \\
      --workers 2 --tasks 2 --increments 100000     who is right, and how fast
  gilctl sweep --strategy gil --switch-interval 5ms,0.5ns --workers 1..=4 --output ndjson
  gilctl strategies                                 what can be run
  gilctl strategies --body call                     where others may come in, era by era
  gilctl explore --strategy unlocked                what can come out, and how likely it is
  gilctl witness --strategy unlocked --value 2      how that happens, step by step
  gilctl watch latest                               follow your newest job
  gilctl compare latest~1 latest                    what changed since the sweep before
";

/// Examples of gilctl in its short help.
pub(crate) const SHORT_EXAMPLES: &str = "\
Examples:
  gilctl tour                                       six words, five commands
  gilctl sweep --strategy gil                       the chapter's experiment
  gilctl witness --strategy unlocked --value 2      how an update is lost
";

/// The end of gilctl's short help.
pub(crate) const SHORT_ENDING: &str =
    "`-h` after a command has its flags; `gilctl --help` has everything.";

/// The end of a command's short help.
pub(crate) const SHORT_COMMAND_ENDING: &str = "`--help` has every flag, limit and default.";

/// Examples of `sweep` in its short help.
pub(crate) const SHORT_SWEEP_EXAMPLES: &str = "\
Examples:
  gilctl sweep --strategy gil
  gilctl sweep --strategy unlocked,atomic,fair-mutex --workers 1,2 --tasks 1000
";

/// Examples of `sweep`.
pub(crate) const SWEEP_EXAMPLES: &str = "\
Examples:
  gilctl sweep --strategy gil
  gilctl sweep --strategy gil --switch-ticks 100,10,1 --attempts 500
  gilctl sweep --strategy unlocked,atomic --workers 1..=4 --tasks 8 --increments 1_000_000
  gilctl sweep --strategy gil --era all --body call
  gilctl sweep --strategy gil --era 3.9,3.12 --steps LSJ --steps LCSJ
  gilctl sweep --strategy gil --cpu-workers 1,2 --io-workers 1 --io 1ms \\
      --switch-interval 5ms,100us                   the convoy: who computes beside one that asks
  gilctl sweep --strategy gil,cpython --switch-interval 5ms --python python3
  gilctl sweep --strategy fair-mutex,parking-lot-fair --duration 1s --workers 1,2,8
                                                    locks under load: speed, fairness, waits
  gilctl sweep --strategy all --dry-run
";

/// Examples of `status`.
pub(crate) const STATUS_EXAMPLES: &str = "\
Examples:
  gilctl status
  gilctl status --server http://lab:7878 --output json
";

/// Examples of `top`.
pub(crate) const TOP_EXAMPLES: &str = "\
Examples:
  gilctl top
  gilctl top --server http://lab:7878
";

/// The keys of `top`, and what it needs.
pub(crate) const TOP_NOTES: &str = "\
Keys: arrows or j k select, Enter opens, s sorts, p pauses the screen, c cancels after a y, ? lists all,
q quits. A terminal of 40x8 or more is needed; where stdout is none, `gilctl list` and `gilctl watch`
print the same.";

/// Examples of `ui`.
pub(crate) const UI_EXAMPLES: &str = "\
Examples:
  gilctl ui
  gilctl ui --server http://lab:7878 --no-open
";

/// Examples of `doctor`.
pub(crate) const DOCTOR_EXAMPLES: &str = "\
Examples:
  gilctl doctor
  gilctl doctor --output json
";

/// Examples of `strategies`.
pub(crate) const STRATEGIES_EXAMPLES: &str = "\
Examples:
  gilctl strategies
  gilctl strategies --body call --era 3.9,3.12
";

/// Examples of `calibrate`.
pub(crate) const CALIBRATE_EXAMPLES: &str = "\
Examples:
  gilctl calibrate --python python3
";

/// Examples of `watch`.
pub(crate) const WATCH_EXAMPLES: &str = "\
Examples:
  gilctl watch latest
  gilctl watch latest --after 0 --output ndjson
  gilctl watch latest --tui               live on the terminal; ? lists the keys
";

/// Examples of `cancel`.
pub(crate) const CANCEL_EXAMPLES: &str = "\
Examples:
  gilctl cancel latest
";

/// How `doctor` ends.
pub(crate) const DOCTOR_EXITS: &str =
    "Ends with 4 if anything is bad, so that figures would mean little; with 0 otherwise.";

/// Examples of `tour`.
pub(crate) const TOUR_EXAMPLES: &str = "\
Examples:
  gilctl tour                                       waits for Enter where it runs on a terminal
  gilctl tour --quiet > tour.txt
";

/// Examples of `schema`.
pub(crate) const SCHEMA_EXAMPLES: &str = "\
Examples:
  gilctl schema sweep > sweep.json                  of what `gilctl show latest --output json` prints
  gilctl schema lines > lines.json                  of each line of `--output ndjson`
";

/// Examples of `config`.
pub(crate) const CONFIG_EXAMPLES: &str = "\
Examples:
  gilctl config show
  gilctl config show --origin
  gilctl config show --output json
";

/// Where settings come from.
pub(crate) const CONFIG_NOTES: &str = "\
In order of precedence: flag, environment variable, key of the same name in the config file, default.
GILCTL_CONFIG names the file; else it is gild/config.toml in $XDG_CONFIG_HOME (or ~/.config).";

/// Examples of `completions`.
pub(crate) const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  gilctl completions bash > gilctl.bash             then: source gilctl.bash
  gilctl completions zsh > _gilctl                  into a directory of $fpath
  gilctl completions fish > gilctl.fish             into ~/.config/fish/completions
";

/// Examples of `man`.
pub(crate) const MAN_EXAMPLES: &str = "\
Examples:
  gilctl man > gilctl.1                             then: man ./gilctl.1
  gilctl man --dir man                              a page for each command
";

/// How lists are typed.
pub(crate) const LISTS: &str = "\
Lists make the axes of the grid: 1,2,4 or 1..4 (1 to 3) or 1..=8; durations like 5ms,500ns,0.5ns.
What is not given takes the lab's default.";
