use std::path::Path;

use crate::env::Env;

/// Each shell with the file in `completions/` that its users install.
const FILES: &[(&str, &str)] = &[("bash", "payctl.bash"), ("zsh", "_payctl"), ("fish", "payctl.fish")];

#[test]
fn the_completions_in_the_repository_are_those_of_this_build() {
    let env = Env::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    for (shell, file) in FILES {
        let written = env.run(&["completions", shell]);
        assert_eq!((written.code, written.stderr.as_str()), (0, ""), "{shell}");
        let kept = std::fs::read_to_string(folder.join(file)).unwrap_or_default();
        assert!(
            kept == written.stdout,
            "completions/{file} is stale; write it anew: cargo run -- completions {shell} > completions/{file}"
        );
    }
    let kept = std::fs::read_dir(folder).unwrap().count();
    assert_eq!(kept, FILES.len(), "completions/ holds a file that no shell of this list writes");
}
