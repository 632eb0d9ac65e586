//! Whose credentials a command uses: `~/.aws/config`, `~/.aws/credentials` and the environment, as the AWS SDKs read them.
//!
//! Sources: the AWS CLI User Guide on configuration files and environment variables; the texts are those of botocore.

use std::collections::BTreeMap;

use crate::engine::{Credential, tokens};
use crate::session::Workstation;

/// How many profiles may lead to one another by `source_profile`.
const MAX_CHAIN: usize = 16;
/// The session name of `aws eks get-token --role-arn` (eks 17.8).
pub const TOKEN_SESSION: &str = "EKSGetTokenAuth";
/// The session name of role profiles that state none. The real one ends with the time.
const DEFAULT_SESSION: &str = "botocore-session-1700000000";
/// Who is signed in to IAM Identity Center: its users are often named by their mail address.
const IDENTITY_CENTER_USER: &str = "user@example.com";
/// What a profile of IAM Identity Center must have, in the order in which it is missed.
const SSO_SETTINGS: [&str; 4] = ["sso_start_url", "sso_region", "sso_account_id", "sso_role_name"];

/// What a command runs with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The profile's name, if one was chosen by option or environment.
    pub chosen: Option<String>,
    /// What calls are signed with; none if nothing is configured.
    pub credential: Option<Credential>,
    /// The region, if any.
    pub region: Option<String>,
    /// The configured output format, if any.
    pub output: Option<String>,
}

/// Why there is no usable profile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// No profile of this name.
    #[error("The config profile ({0}) could not be found")]
    NotFound(String),
    /// A key without its secret, or the reverse.
    #[error("Partial credentials found in {0}, missing: {1}")]
    Partial(&'static str, &'static str),
    /// `role_arn` without a source of credentials.
    #[error("The profile \"{0}\" must specify either source_profile or credential_source along with role_arn")]
    NoSource(String),
    /// `source_profile` names nothing.
    #[error("The source_profile \"{0}\" referenced in the profile \"{1}\" does not exist.")]
    MissingSource(String, String),
    /// The source has no credentials.
    #[error("The source profile \"{0}\" must have credentials.")]
    EmptySource(String),
    /// Settings of IAM Identity Center without the others.
    #[error("The profile \"{0}\" is configured to use SSO but is missing required configuration: {1}")]
    PartialSso(String, String),
    /// Profiles lead in a circle.
    #[error(
        "Infinite loop in credential configuration detected. Attempting to load from profile {0} which has already been visited. Visited profiles: {1}"
    )]
    Loop(String, String),
}

impl ProfileError {
    /// The exit code of the AWS CLI.
    pub fn exit_code(&self) -> i32 {
        255
    }
}

/// The settings of the configuration files: profile → name → value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configuration {
    /// Profiles in the order in which they first occur.
    pub profiles: Vec<(String, BTreeMap<String, String>)>,
}

impl Configuration {
    /// Reads both files. Lines that are neither a section nor `name = value` are passed over.
    pub fn load(workstation: &Workstation, env: &BTreeMap<String, String>) -> Self {
        let mut out = Self::default();
        for (section, settings) in ini(workstation.read(&config_path(workstation, env)).unwrap_or_default()) {
            let name = section.strip_prefix("profile ").map(str::trim).unwrap_or(&section);
            if name == "default" || section.starts_with("profile ") {
                out.merge(name.trim_matches(['"', '\'']), settings);
            }
        }
        for (section, settings) in ini(workstation.read(&credentials_path(workstation, env)).unwrap_or_default()) {
            out.merge(&section, settings);
        }
        out
    }

    fn merge(&mut self, name: &str, settings: Vec<(String, String)>) {
        match self.profiles.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => known.extend(settings),
            None => self.profiles.push((name.to_owned(), settings.into_iter().collect())),
        }
    }

    /// The settings of a profile.
    pub fn profile(&self, name: &str) -> Option<&BTreeMap<String, String>> {
        self.profiles.iter().find(|(known, _)| known == name).map(|(_, settings)| settings)
    }
}

/// Path of the configuration file.
pub fn config_path(workstation: &Workstation, env: &BTreeMap<String, String>) -> String {
    path(workstation, env, "AWS_CONFIG_FILE", "~/.aws/config")
}

/// Path of the credentials file.
pub fn credentials_path(workstation: &Workstation, env: &BTreeMap<String, String>) -> String {
    path(workstation, env, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")
}

fn path(workstation: &Workstation, env: &BTreeMap<String, String>, variable: &str, default: &str) -> String {
    workstation.expand_home(set(env, variable).unwrap_or(default))
}

/// Sections with their settings. Indented lines below an empty value are that value's own settings: `s3.name`.
pub fn ini(text: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut sections: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for line in text.lines() {
        let is_comment = line.trim_start().starts_with(['#', ';']);
        if is_comment {
            continue;
        }
        if line.starts_with(|c: char| c.is_whitespace()) {
            if let (Some((name, value)), Some((_, settings))) = (line.split_once('='), sections.last_mut()) {
                let outer = settings.iter().rev().find(|(name, _)| !name.contains('.'));
                if let Some((outer, _)) = outer.filter(|(_, value)| value.is_empty()) {
                    let name = format!("{outer}.{}", name.trim());
                    settings.push((name, value.trim().to_owned()));
                }
            }
            continue;
        }
        let line = line.trim_end();
        if let Some((name, _)) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            sections.push((name.trim().to_owned(), Vec::new()));
        } else if let (Some((name, value)), Some((_, settings))) = (line.split_once(['=', ':']), sections.last_mut()) {
            let value = value.split(" #").next().unwrap_or_default().split(" ;").next().unwrap_or_default();
            settings.push((name.trim().to_lowercase(), value.trim().to_owned()));
        }
    }
    sections
}

/// A variable that is set and not empty.
fn set<'a>(env: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    env.get(name).map(String::as_str).filter(|value| !value.is_empty())
}

/// The profile that option or environment chooses, if any.
pub fn chosen<'a>(env: &'a BTreeMap<String, String>, explicit: Option<&'a str>) -> Option<&'a str> {
    // An empty variable names a profile, too: one that there is not.
    explicit.or_else(|| env.get("AWS_PROFILE").map(String::as_str)).or_else(|| set(env, "AWS_DEFAULT_PROFILE"))
}

/// What a command runs with. `explicit` is the value of `--profile`.
///
/// # Errors
/// A profile that does not exist or cannot be used.
pub fn resolve(
    workstation: &Workstation,
    env: &BTreeMap<String, String>,
    explicit: Option<&str>,
) -> Result<Profile, ProfileError> {
    let configuration = Configuration::load(workstation, env);
    let chosen = chosen(env, explicit);
    let name = chosen.unwrap_or("default");
    let settings = configuration.profile(name);
    if let (Some(chosen), None) = (chosen, settings) {
        return Err(ProfileError::NotFound(chosen.to_owned()));
    }
    let setting = |key: &str| settings.and_then(|s| s.get(key)).filter(|v| !v.is_empty()).cloned();
    let variable = |key: &str| set(env, key).map(str::to_owned);
    // A profile chosen by option sets the keys in the environment aside.
    let from_environment = if explicit.is_none() { environment_credential(env)? } else { None };
    let credential = match from_environment {
        Some(credential) => Some(credential),
        None => profile_credential(&configuration, env, name, &mut Vec::new())?,
    };
    Ok(Profile {
        chosen: chosen.map(str::to_owned),
        credential,
        region: variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION")).or_else(|| setting("region")),
        output: variable("AWS_DEFAULT_OUTPUT").or_else(|| setting("output")),
    })
}

/// What `aws eks get-token` signs with under a profile: its own credential, or that of `role_arn` assumed with it.
///
/// # Errors
/// As [`resolve`]; no credential at all is [`Credential::Anonymous`].
pub fn caller_for_token(
    workstation: &Workstation,
    env: &BTreeMap<String, String>,
    explicit: Option<&str>,
    role_arn: Option<&str>,
) -> Result<Credential, ProfileError> {
    let profile = resolve(workstation, env, explicit)?;
    let own = profile.credential.unwrap_or(Credential::Anonymous);
    Ok(match role_arn {
        Some(role) => assumed(own, role, TOKEN_SESSION),
        None => own,
    })
}

/// A role assumed with a credential.
pub fn assumed(source: Credential, role_arn: &str, session: &str) -> Credential {
    Credential::AssumedRole { source: Box::new(source), role_arn: role_arn.to_owned(), session: session.to_owned() }
}

fn environment_credential(env: &BTreeMap<String, String>) -> Result<Option<Credential>, ProfileError> {
    let Some(key) = set(env, "AWS_ACCESS_KEY_ID") else { return Ok(None) };
    if set(env, "AWS_SECRET_ACCESS_KEY").is_none() {
        return Err(ProfileError::Partial("env", "AWS_SECRET_ACCESS_KEY"));
    }
    Ok(Some(key_credential(key, set(env, "AWS_SESSION_TOKEN"))))
}

/// The credential of a key: the session that its token carries, or the key itself.
fn key_credential(key: &str, token: Option<&str>) -> Credential {
    token.and_then(tokens::session).unwrap_or_else(|| Credential::AccessKey(key.to_owned()))
}

fn profile_credential(
    configuration: &Configuration,
    env: &BTreeMap<String, String>,
    name: &str,
    visited: &mut Vec<String>,
) -> Result<Option<Credential>, ProfileError> {
    let Some(settings) = configuration.profile(name) else { return Ok(None) };
    let setting = |key: &str| settings.get(key).map(String::as_str).filter(|value| !value.is_empty());
    // A person signed in to IAM Identity Center or to the console goes before keys, as with botocore.
    if setting("role_arn").is_none() {
        let missing: Vec<&str> = SSO_SETTINGS.into_iter().filter(|key| setting(key).is_none()).collect();
        match (setting("sso_account_id"), setting("sso_role_name")) {
            (None, None) => {}
            (Some(account), Some(set)) if missing.is_empty() => {
                return Ok(Some(Credential::IdentityCenter {
                    account: account.to_owned(),
                    permission_set: set.to_owned(),
                    user: IDENTITY_CENTER_USER.to_owned(),
                }));
            }
            _ => return Err(ProfileError::PartialSso(name.to_owned(), missing.join(", "))),
        }
        if let Some(arn) = setting("login_session") {
            return Ok(Some(Credential::SignIn(arn.to_owned())));
        }
    }
    let own_keys = || match (setting("aws_access_key_id"), setting("aws_secret_access_key")) {
        (Some(key), Some(_)) => Ok(Some(key_credential(key, setting("aws_session_token")))),
        (Some(_), None) => Err(ProfileError::Partial("shared-credentials-file", "aws_secret_access_key")),
        (None, _) => Ok(None),
    };
    // A role that names itself as source takes the keys beside it.
    let names_itself = setting("source_profile") == Some(name) && !visited.is_empty();
    let Some(role) = setting("role_arn").filter(|_| !names_itself) else { return own_keys() };
    if visited.iter().any(|known| known == name) || visited.len() >= MAX_CHAIN {
        let shown: Vec<String> = visited.iter().map(|v| format!("'{v}'")).collect();
        return Err(ProfileError::Loop(name.to_owned(), format!("[{}]", shown.join(", "))));
    }
    visited.push(name.to_owned());
    let source = match (setting("source_profile"), setting("credential_source")) {
        (Some(source), _) if source == name => {
            own_keys()?.ok_or_else(|| ProfileError::EmptySource(source.to_owned()))?
        }
        (Some(source), _) => {
            if configuration.profile(source).is_none() {
                return Err(ProfileError::MissingSource(source.to_owned(), name.to_owned()));
            }
            profile_credential(configuration, env, source, visited)?
                .ok_or_else(|| ProfileError::EmptySource(source.to_owned()))?
        }
        (None, Some("Environment")) => {
            environment_credential(env)?.ok_or_else(|| ProfileError::EmptySource("Environment".to_owned()))?
        }
        _ => return Err(ProfileError::NoSource(name.to_owned())),
    };
    Ok(Some(assumed(source, role, setting("role_session_name").unwrap_or(DEFAULT_SESSION))))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "\
# a comment
[default]
region = eu-west-1
output=text

[profile dev]
region = us-east-1
role_arn = arn:aws:iam::1:role/Dev
source_profile = default
role_session_name = me

[profile loop]
role_arn = r
source_profile = loop2
[profile loop2]
role_arn = r
source_profile = loop
[profile orphan]
role_arn = r
source_profile = nobody
[profile bare]
role_arn = r
s3 =
    max_concurrent_requests = 20
";
    const CREDENTIALS: &str = "[default]\naws_access_key_id = AKIA1\naws_secret_access_key = s\n";

    fn workstation() -> Workstation {
        let mut workstation = Workstation::default();
        workstation.write_with_parents("/home/user/.aws/config", CONFIG).unwrap();
        workstation.write_with_parents("/home/user/.aws/credentials", CREDENTIALS).unwrap();
        workstation
    }

    fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    fn key() -> Credential {
        Credential::AccessKey("AKIA1".to_owned())
    }

    #[test]
    fn files_and_environment_are_joined() {
        let w = workstation();
        let profile = resolve(&w, &env(&[]), None).unwrap();
        assert_eq!(profile.credential, Some(key()));
        assert_eq!((profile.region.as_deref(), profile.output.as_deref()), (Some("eu-west-1"), Some("text")));
        let profile = resolve(&w, &env(&[("AWS_PROFILE", "dev"), ("AWS_DEFAULT_REGION", "x")]), None).unwrap();
        assert_eq!(profile.chosen.as_deref(), Some("dev"));
        assert_eq!(profile.region.as_deref(), Some("x"));
        assert_eq!(profile.credential, Some(assumed(key(), "arn:aws:iam::1:role/Dev", "me")));
        let keys = env(&[("AWS_ACCESS_KEY_ID", "AKIA2"), ("AWS_SECRET_ACCESS_KEY", "s")]);
        let from_env = Some(Credential::AccessKey("AKIA2".to_owned()));
        assert_eq!(resolve(&w, &keys, None).unwrap().credential, from_env);
        assert_eq!(resolve(&w, &keys, Some("default")).unwrap().credential, Some(key()));
        assert_eq!(resolve(&Workstation::default(), &env(&[]), None).unwrap().credential, None);
    }

    #[test]
    fn faults_are_told() {
        let w = workstation();
        let check = |name: &str, expected: &str| {
            assert_eq!(resolve(&w, &env(&[]), Some(name)).unwrap_err().to_string(), expected);
        };
        check("nobody", "The config profile (nobody) could not be found");
        check("orphan", "The source_profile \"nobody\" referenced in the profile \"orphan\" does not exist.");
        check(
            "bare",
            "The profile \"bare\" must specify either source_profile or credential_source along with role_arn",
        );
        check(
            "loop",
            "Infinite loop in credential configuration detected. Attempting to load from profile loop which has already been visited. Visited profiles: ['loop', 'loop2']",
        );
    }

    #[test]
    fn session_tokens_carry_their_credential() {
        let credential = assumed(key(), "arn:aws:iam::1:role/Dev", "me");
        let token = tokens::of_session(&credential);
        assert_eq!(tokens::session(&token), Some(credential.clone()));
        assert_eq!(tokens::session("other"), None);
        let keys = env(&[("AWS_ACCESS_KEY_ID", "ASIA"), ("AWS_SECRET_ACCESS_KEY", "s"), ("AWS_SESSION_TOKEN", &token)]);
        assert_eq!(caller_for_token(&workstation(), &keys, None, None), Ok(credential.clone()));
        let role = caller_for_token(&workstation(), &keys, None, Some("R"));
        assert_eq!(role, Ok(assumed(credential, "R", TOKEN_SESSION)));
    }
}
