use crate::env::Env;

const GLOBAL: &str = "\nGlobal options:\n";

/// The help of every command by its words, each command before those inside it.
fn pages(env: &Env, path: &[&str], found: &mut Vec<(String, String)>) {
    let words: Vec<&str> = path.iter().copied().chain(["--help"]).collect();
    let ended = env.run(&words);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{words:?}");
    let inner = commands(&ended.stdout);
    found.push((words.join(" "), ended.stdout));
    for name in inner {
        pages(env, &path.iter().copied().chain([name.as_str()]).collect::<Vec<_>>(), found);
    }
}

fn manual() -> Vec<(String, String)> {
    let mut found = Vec::new();
    pages(&Env::new(), &[], &mut found);
    found
}

/// The global options of a page: from their heading to the next line that is not indented.
fn global(page: &str) -> &str {
    let block = &page[page.find(GLOBAL).expect("a page without global options")..];
    let mut end = GLOBAL.len();
    for line in block[GLOBAL.len()..].split_inclusive('\n') {
        if !line.starts_with([' ', '\n']) {
            break;
        }
        end += line.len();
    }
    &block[..end]
}

/// The same words may be set closely or, on pages with long explanations, widely.
fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// The names under `Commands:`, without `help` itself.
fn commands(help: &str) -> Vec<String> {
    let section = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = section.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn the_whole_manual_is_as_reviewed() {
    let pages = manual();
    let shared = global(&pages[0].1).to_owned();
    let rule = "=".repeat(80);
    let mut text = vec![format!("{rule}\npayctl {}\n{rule}\n{}", pages[0].0, pages[0].1)];
    for (words, page) in &pages[1..] {
        assert_eq!(self::words(global(page)), self::words(&shared), "payctl {words} explains the global options otherwise");
        text.push(format!("{rule}\npayctl {words}\n{rule}\n{}", page.replace(global(page), "\n")));
    }
    insta::assert_snapshot!(text.join("\n"));
}

#[test]
fn every_command_shows_an_example_and_fits_a_line() {
    for (words, page) in manual() {
        let is_group = page.contains("\nCommands:\n");
        assert!(is_group || page.contains("\nExample"), "payctl {words} shows no example");
        assert!(page.lines().all(|line| line.chars().count() <= 100), "payctl {words} has a line that is too long");
    }
}

#[test]
fn the_manual_page_names_every_command() {
    let env = Env::new();
    let dir = env.home().join("man");
    let ended = env.run(&["man", "--dir", dir.to_str().unwrap()]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    for page in ["payctl.1", "payctl-payments-create.1", "payctl-serve.1"] {
        assert!(dir.join(page).exists(), "{page}");
    }
    assert!(env.run(&["man"]).stdout.contains("payctl\\-payments(1)"));
}
