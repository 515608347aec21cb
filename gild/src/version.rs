//! Build information, as far as the build script could find it.

/// Version of the package.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// First digits of the commit, or "unknown".
pub const REVISION: &str = env!("GILD_BUILD_REVISION");
/// Version of the compiler, or "unknown".
pub const RUSTC: &str = env!("GILD_BUILD_RUSTC");
/// Target triple of the build, e.g. "x86_64-unknown-linux-gnu".
pub const TARGET: &str = env!("GILD_BUILD_TARGET");
/// Build profile: "release" or "debug".
pub const PROFILE: &str = env!("GILD_BUILD_PROFILE");

/// One line: program and version.
pub fn short() -> String {
    format!("gild {VERSION}")
}

/// All build information, an item per line.
pub fn long() -> String {
    let lines =
        [("revision", REVISION), ("rustc", RUSTC), ("target", TARGET), ("profile", PROFILE)];
    let rest = lines.map(|(name, value)| format!("{name}: {value}"));
    format!("{}\n{}", short(), rest.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_version_has_five_lines() {
        let lines: Vec<_> = long().lines().map(str::to_owned).collect();
        let names = ["gild ", "revision: ", "rustc: ", "target: ", "profile: "];
        assert_eq!(lines.len(), names.len());
        for (line, name) in lines.iter().zip(names) {
            assert!(line.len() > name.len() && line.starts_with(name), "{line}");
        }
    }
}
