//! Completions for shells and manual pages, made from the flags themselves. Both programs use it, each for its
//! own command line.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_complete::Shell;
use clap_mangen::Man;

/// Section of the manual for programs of users.
const SECTION: &str = "1";

/// Which shell completes.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct CompletionsFlags {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// Where manual pages go.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct ManFlags {
    /// Write a page of each command into this directory, instead of the program's own page to stdout
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// The script that a shell reads to complete this command line.
pub fn completions(mut command: Command, shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    let name = command.get_name().to_owned();
    clap_complete::generate(shell, &mut command, name, &mut script);
    script
}

/// The program's own manual page, in roff.
pub fn page(command: Command) -> io::Result<Vec<u8>> {
    let mut roff = Vec::new();
    let name = command.get_name().to_owned();
    render(command, &name, &mut roff)?;
    Ok(roff)
}

/// Writes a page of the program and one of each command into a directory, which is made if it is missing:
/// `gilctl.1`, `gilctl-sweep.1` and so on. Returns how many.
pub fn write_pages(mut command: Command, dir: &Path) -> io::Result<usize> {
    std::fs::create_dir_all(dir)?;
    // Flags of every command reach the commands' own lists only then.
    command.build();
    let program = command.get_name().to_owned();
    let named = |command: &Command| (format!("{program}-{}", command.get_name()), command.clone());
    let shown = command.get_subcommands().filter(|it| !it.is_hide_set() && it.get_name() != "help");
    let pages: Vec<_> = shown.map(named).chain([(program.clone(), command.clone())]).collect();
    for (name, command) in &pages {
        let mut file = std::fs::File::create(dir.join(format!("{name}.{SECTION}")))?;
        render(command.clone().disable_help_subcommand(true), name, &mut file)?;
    }
    Ok(pages.len())
}

/// A page with the sections that people look for; the examples stand over the help, not in a section of
/// clap's own.
fn render(command: Command, name: &str, out: &mut dyn Write) -> io::Result<()> {
    let examples = command.get_before_help().map(ToString::to_string);
    let ending =
        command.get_after_long_help().or(command.get_after_help()).map(ToString::to_string);
    let has_commands = command.get_subcommands().any(|it| it.get_name() != "help");
    let command = command.display_name(name.to_owned()).bin_name(name.replacen('-', " ", 1));
    let man = Man::new(command).title(name.to_uppercase()).section(SECTION);
    man.render_title(out)?;
    man.render_name_section(out)?;
    man.render_synopsis_section(out)?;
    man.render_description_section(out)?;
    man.render_options_section(out)?;
    if has_commands {
        man.render_subcommands_section(out)?;
    }
    for text in [examples, ending].into_iter().flatten() {
        verbatim(&text, out)?;
    }
    Ok(())
}

/// A text whose lines are kept as they are, under a heading of its own first line if that ends in `:`.
fn verbatim(text: &str, out: &mut dyn Write) -> io::Result<()> {
    let (heading, lines) = match text.split_once('\n') {
        Some((first, rest)) if first.ends_with(':') => (first.trim_end_matches(':'), rest),
        _ => ("Notes", text),
    };
    let mut roff = roff::Roff::new();
    roff.control("SH", [heading.to_uppercase().as_str()]);
    roff.control("nf", []);
    for line in lines.trim_end().lines() {
        roff.text([roff::roman(line)]);
    }
    roff.control("fi", []);
    roff.to_writer(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Arg;

    fn lab() -> Command {
        let run =
            Command::new("run").about("Runs it").arg(Arg::new("fast").long("fast").help("Now"));
        Command::new("lab")
            .about("A lab")
            .before_help("Examples:\n  lab run --fast")
            .subcommand(run)
    }

    #[test]
    fn every_shell_is_given_commands_and_flags() {
        use clap::ValueEnum as _;
        for shell in Shell::value_variants() {
            let script = String::from_utf8(completions(lab(), *shell)).expect("text");
            assert!(script.contains("run") && script.contains("fast"), "{shell}: {script}");
        }
    }

    #[test]
    fn pages_have_examples_with_their_lines_kept() {
        let text = String::from_utf8(page(lab()).expect("a page")).expect("text");
        assert!(text.contains(".SH EXAMPLES\n.nf\n"), "{text}");
        assert!(text.contains("lab run \\-\\-fast"), "{text}");
    }

    #[test]
    fn each_command_has_its_page() {
        let dir = tempfile::tempdir().expect("a directory");
        let pages = dir.path().join("man/man1");
        assert_eq!(write_pages(lab(), &pages).expect("pages"), 2);
        let run = std::fs::read_to_string(pages.join("lab-run.1")).expect("a page of run");
        assert!(run.contains("\\-\\-fast") && run.contains("lab run"), "{run}");
        assert!(pages.join("lab.1").exists());
    }
}
