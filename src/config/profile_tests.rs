use std::collections::BTreeMap;
use std::ffi::OsString;

use super::*;

const FILE: &str = "port_offset = 1
[smtp]
host = \"mail.example\"
[profiles.staging]
port_offset = 2
[profiles.staging.smtp]
port = 2525
[profiles.sandbox]
kind = \"development\"
";

fn inputs(dir: &tempfile::TempDir, text: &str, profile: Option<&str>) -> Inputs {
    let path = dir.path().join("payctl.toml");
    std::fs::write(&path, text).unwrap();
    let flags = Flags { config: Some(path), profile: profile.map(OsString::from), ..Flags::default() };
    let data_home = Some("/data-home".into());
    Inputs { env: BTreeMap::new(), file: None, data_home, flags, default_profile: Profile::Development, purpose: Purpose::Console }
}

fn loaded(text: &str, profile: Option<&str>) -> Result<Loaded, ConfigError> {
    load(&inputs(&tempfile::tempdir().unwrap(), text, profile))
}

fn problem(text: &str, profile: Option<&str>) -> String {
    let error = loaded(text, profile).map(|loaded| loaded.warnings).expect_err("the configuration was accepted");
    assert_eq!(error.problems().len(), 1, "{:?}", error.problems());
    error.problems()[0].clone()
}

#[test]
fn a_profile_of_the_file_wins_over_the_rest_of_it_and_is_careful_unless_it_says_otherwise() {
    let plain = loaded(FILE, None).unwrap().config;
    assert_eq!((plain.profile, plain.port_offset, plain.notification.smtp.port), (Profile::Development, 1, 587));
    let staging = loaded(FILE, Some("staging")).unwrap().config;
    assert_eq!((staging.profile, staging.port_offset, staging.notification.smtp.port), (Profile::Production, 2, 2525));
    assert_eq!(staging.notification.smtp.host.as_deref(), Some("mail.example"));
    assert_eq!(loaded(FILE, Some("sandbox")).unwrap().config.profile, Profile::Development);
}

#[test]
fn the_file_may_choose_one_of_its_profiles_and_the_environment_still_wins() {
    let dir = tempfile::tempdir().unwrap();
    let mut chosen = inputs(&dir, &format!("profile = \"staging\"\n{FILE}"), None);
    assert_eq!(load(&chosen).unwrap().config.port_offset, 2);
    chosen.env.insert("PAYCTL_PORT_OFFSET".to_owned(), "3".into());
    assert_eq!(load(&chosen).unwrap().config.port_offset, 3);
}

#[test]
fn the_profiles_are_listed_with_the_one_in_force() {
    let known = loaded(FILE, Some("staging")).unwrap().profiles;
    let told: Vec<_> = known.iter().map(|profile| (profile.name.as_str(), profile.kind, profile.is_active)).collect();
    let expected = [
        ("development", Profile::Development, false),
        ("production", Profile::Production, false),
        ("sandbox", Profile::Development, false),
        ("staging", Profile::Production, true),
    ];
    assert_eq!(told, expected);
    assert_eq!(known[3].settings, ["port_offset", "smtp.port"]);
}

#[test]
fn an_unknown_profile_is_answered_with_those_that_there_are() {
    let said = problem(FILE, Some("stagin"));
    let expected = "--profile=stagin (flag): did you mean staging? the profiles are development, production, sandbox, staging";
    assert!(said.starts_with(expected), "{said}");
}

#[test]
fn what_is_wrong_in_a_profile_names_it_whether_it_is_chosen_or_not() {
    for (text, said) in [
        ("[profiles.a]\nprot = 1\n", "prot ("),
        ("[profiles.a]\nkind = \"careful\"\n", "kind ("),
        ("[profiles.a]\nkind = 3\n", "kind ("),
        ("[profiles.production]\nkind = \"development\"\n", "production is a kind of its own"),
        ("[profiles.a]\nprofile = \"production\"\n", "a profile does not choose another"),
        ("[profiles]\na = 1\n", "a table is expected"),
        ("profiles = 1\n", "tables are expected"),
    ] {
        let problem = problem(text, None);
        assert!(problem.contains(said), "{text}: {problem}");
    }
    assert!(problem("[profiles.a]\nprot = 1\n", None).contains("[profiles.a]"));
}
