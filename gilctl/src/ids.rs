//! Resolution of a typed id, which may be a unique beginning or end, `latest` or `latest~1`.

pub use view::ids::*;

use crate::error::Failure;
use crate::exit::Exit;

/// Most candidates listed for an ambiguous id.
const CANDIDATES_MAX: usize = 5;

/// The jobs that `latest` counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Latest {
    /// The caller's own.
    Own,
    /// Those of all owners.
    All,
}

/// Resolves a typed id among jobs, newest first.
///
/// # Errors
///
/// Refuses an empty, unknown or ambiguous id.
pub fn resolve<'a>(typed: &str, latest: Latest, jobs: &'a [Candidate]) -> Result<&'a str, Failure> {
    let whole = typed.trim();
    let names: Vec<&str> = jobs.iter().map(|job| job.name.as_str()).collect();
    if let Some(exact) = names.iter().find(|name| **name == whole) {
        return Ok(exact);
    }
    let typed = id(whole);
    if typed.is_empty() {
        let way_out = "type `latest` or an id from `gilctl list`";
        return Err(Failure::new(Exit::Usage, "the id is empty", way_out));
    }
    if let Some(back) = typed.strip_prefix("latest") {
        return nth_latest(typed, back, latest, jobs);
    }
    let wanted = typed.to_ascii_lowercase();
    if let Some(exact) = names.iter().find(|name| id(name) == wanted) {
        return Ok(exact);
    }
    let matches = |name: &&&str| id(name).starts_with(&wanted) || id(name).ends_with(&wanted);
    let found: Vec<&str> = names.iter().filter(matches).copied().collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(not_found(typed)),
        several => Err(ambiguous(typed, several)),
    }
}

fn nth_latest<'a>(
    typed: &str,
    back: &str,
    latest: Latest,
    jobs: &'a [Candidate],
) -> Result<&'a str, Failure> {
    let back = match back.strip_prefix('~') {
        None if back.is_empty() => Some(0),
        None => None,
        Some(number) => number.parse::<usize>().ok(),
    };
    let Some(back) = back else {
        let message = format!("{typed} is not an id");
        return Err(Failure::new(Exit::Usage, message, "type latest, latest~1 or an id"));
    };
    let counted: Vec<&Candidate> =
        jobs.iter().filter(|job| latest == Latest::All || job.is_own).collect();
    counted.get(back).map(|job| job.name.as_str()).ok_or_else(|| {
        let (kept, own) = (jobs.len(), counted.len());
        let (message, way_out) = if own == kept {
            (format!("there is no {typed}: the lab keeps {kept}"), "`gilctl list` shows them")
        } else {
            let of_yours = format!("there is no {typed}: the lab keeps {kept}, {own} of yours");
            (of_yours, "--all counts those of others too; `gilctl list` shows them")
        };
        Failure::new(Exit::NotFound, message, way_out)
    })
}

fn not_found(typed: &str) -> Failure {
    let message = format!("no id begins or ends with {typed}");
    Failure::new(Exit::NotFound, message, "`gilctl list` shows what there is")
}

/// The failure of a command that takes sweeps, where the id may be an exploration's.
pub fn not_a_sweep(typed: &str, failure: Failure, explorations: &[Candidate]) -> Failure {
    let typed = typed.trim();
    let is_unknown = failure.exit() == Exit::NotFound && !id(typed).starts_with("latest");
    match resolve(typed, Latest::All, explorations) {
        Ok(_) if is_unknown => {
            let message = format!("{typed} is an exploration, and this command takes sweeps");
            Failure::new(Exit::NotFound, message, format!("`gilctl show {typed}` shows it"))
        }
        _ => failure,
    }
}

fn ambiguous(typed: &str, found: &[&str]) -> Failure {
    let mut shown: Vec<&str> = found.iter().take(CANDIDATES_MAX).map(|name| short(name)).collect();
    if found.len() > CANDIDATES_MAX {
        shown.push("…");
    }
    let message = format!("{typed} means {} ids: {}", found.len(), shown.join(", "));
    Failure::new(Exit::Usage, message, "type one of these")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All are the caller's own, but for the newest.
    fn jobs() -> Vec<Candidate> {
        let job =
            |name: &str| Candidate { name: name.to_owned(), is_own: !name.ends_with("xyz123") };
        [
            "sweeps/01abcdxyz123",
            "sweeps/01abceuvw456",
            "sweeps/01abcfuvw123",
            "explorations/02abcgrst789",
        ]
        .map(job)
        .to_vec()
    }

    #[track_caller]
    fn finds(typed: &str, wanted: &str) {
        assert_eq!(resolve(typed, Latest::All, &jobs()).map(short), Ok(wanted), "{typed}");
    }

    #[track_caller]
    fn refuses(typed: &str, exit: Exit, message: &str) {
        let failure = resolve(typed, Latest::All, &jobs()).expect_err("refused");
        assert_eq!(failure.exit(), exit);
        let Failure::Message(refusal) = failure else { panic!("no message") };
        assert!(refusal.to_string().contains(message), "{refusal}");
    }

    #[test]
    fn unique_id_is_resolved() {
        finds("latest", "xyz123");
        finds("latest~2", "uvw123");
        finds("01abcdxyz123", "xyz123");
        finds("sweeps/01abcdxyz123", "xyz123");
        finds("01abce", "uvw456");
        finds("UVW123", "uvw123");
        finds("456", "uvw456");
        finds("explorations/02abcgrst789", "rst789");
        finds("02a", "rst789");
    }

    #[test]
    fn latest_counts_the_callers_own_and_other_ids_name_any() {
        let jobs = jobs();
        let own = |typed| resolve(typed, Latest::Own, &jobs);
        assert_eq!(own("latest").map(short), Ok("uvw456"));
        assert_eq!(own("latest~1").map(short), Ok("uvw123"));
        assert_eq!(own("xyz123").map(short), Ok("xyz123"));
        let Err(Failure::Message(refusal)) = own("latest~3") else { panic!("there are three") };
        let refusal = refusal.to_string();
        assert!(refusal.contains("keeps 4, 3 of yours; --all counts"), "{refusal}");
    }

    #[test]
    fn empty_unknown_or_ambiguous_id_is_refused() {
        refuses("latest~4", Exit::NotFound, "there is no latest~4: the lab keeps 4");
        refuses("latest~x", Exit::Usage, "latest~x is not an id");
        refuses("latest1", Exit::Usage, "latest1 is not an id");
        refuses("", Exit::Usage, "is empty");
        refuses("zzz", Exit::NotFound, "no id begins or ends with zzz");
        refuses("123", Exit::Usage, "123 means 2 ids: xyz123, uvw123; type one of these");
        refuses("01abc", Exit::Usage, "01abc means 3 ids");
    }
}
