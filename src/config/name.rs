use super::setting::SETTINGS;

/// What every variable of our own starts with.
pub(super) const PREFIX: &str = "PAYCTL_";
/// Variables of `scripts/stack`, which a shell may have set that also runs payctl.
pub(super) const STACK_PREFIX: &str = "PAYCTL_STACK_";
/// Names the configuration file.
pub(super) const CONFIG_VARIABLE: &str = "PAYCTL_CONFIG";
/// What follows a secret's variable where it names a file instead.
pub(super) const FILE_SUFFIX: &str = "_FILE";
/// Arms a fail point; a release build knows no such name, and refuses it.
pub(super) const FAIL_VARIABLE: &str = "PAYCTL_FAIL";
/// How alike two names must be for one to be a misspelling of the other.
const ALIKE: f64 = 0.6;

/// Every variable that is read.
pub(super) fn variables() -> Vec<String> {
    let files = SETTINGS.iter().filter(|spec| spec.is_secret()).map(|spec| format!("{}{FILE_SUFFIX}", spec.env));
    let fail = cfg!(debug_assertions).then(|| FAIL_VARIABLE.to_owned());
    SETTINGS.iter().map(|spec| spec.env.to_owned()).chain(files).chain([CONFIG_VARIABLE.to_owned()]).chain(fail).collect()
}

/// The known name that `name` was probably meant to be; our prefix, which many share, says nothing about it.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |name: &str| name.strip_prefix(PREFIX).unwrap_or(name).to_lowercase();
    let wanted = plain(name);
    let scored = known.map(|candidate| (strsim::normalized_damerau_levenshtein(&wanted, &plain(candidate)), candidate));
    scored.filter(|(score, _)| *score >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, candidate)| candidate)
}
