//! `aws configure list|list-profiles|get|set`.

use super::args::{self, Positional};
use super::globals::Globals;
use super::usage::Failure;
use super::{Outcome, help, profile};
use crate::engine::Credential;
use crate::session::Workstation;
use crate::shell::context::{CommandOutput, Context};
use crate::shell::profiles::{self, Configuration};

/// Settings that live in the credentials file.
const SECRETS: [&str; 4] = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token"];

const HELP: &[(&str, &str)] = &[
    ("list", "Shows where profile, keys and region come from."),
    ("list-profiles", "Lists the profiles."),
    ("get", "Prints a setting."),
    ("set", "Changes a setting."),
];

/// Runs the command with the words behind it.
pub fn run(words: &[String], globals: &Globals, ctx: &mut Context<'_>) -> Outcome {
    if words == ["help"] {
        return Ok(CommandOutput::ok(help::command("configure", "Shows and changes the configuration.", HELP)));
    }
    let choices = super::model::known::CONFIGURE.split_whitespace().collect();
    let parsed = args::parse(words, &[], &[Positional { name: "subcommand", optional: true, choices }])
        .map_err(Failure::Grammar)?;
    let rest = &parsed.rest;
    match parsed.positional("subcommand") {
        None if !rest.is_empty() => Err(Failure::Value(format!("Unknown options: {}", rest.join(",")))),
        None => dialogue(globals, ctx),
        Some("list") => {
            positionals(rest, &[])?;
            list(globals, ctx)
        }
        Some("list-profiles") => {
            positionals(rest, &[])?;
            let configuration = Configuration::load(ctx.session.workstation(), ctx.env);
            Ok(CommandOutput::ok(
                configuration.profiles.iter().map(|(name, _)| format!("{name}\n")).collect::<String>(),
            ))
        }
        Some("get") => {
            let words = positionals(rest, &["varname"])?;
            get(words.first().map_or("", String::as_str), globals, ctx)
        }
        Some("set") => {
            let words = positionals(rest, &["varname", "value"])?;
            let [name, value] = words.as_slice() else { return Ok(CommandOutput::default()) };
            set(name, value, globals, ctx)
        }
        Some(other) => Err(Failure::Unsupported(format!("aws configure {other} is not simulated here."))),
    }
}

/// The questions of `aws configure`, each with the setting that its answer changes.
const QUESTIONS: [(&str, &str); 4] = [
    ("AWS Access Key ID", "aws_access_key_id"),
    ("AWS Secret Access Key", "aws_secret_access_key"),
    ("Default region name", "region"),
    ("Default output format", "output"),
];

/// `aws configure`: the answers are lines of the standard input; an empty one keeps what there is. Nothing is written
/// before the last answer.
fn dialogue(globals: &Globals, ctx: &mut Context<'_>) -> Outcome {
    let configuration = Configuration::load(ctx.session.workstation(), ctx.env);
    let profile = profiles::chosen(ctx.env, globals.profile.as_deref()).unwrap_or("default").to_owned();
    let settings = configuration.profile(&profile).cloned().unwrap_or_default();
    let (mut out, mut answers) = (String::new(), Vec::new());
    for (question, key) in QUESTIONS {
        let shown = settings.get(key).map_or("None".to_owned(), |value| {
            let tail: String = value.chars().skip(value.chars().count().saturating_sub(4)).collect();
            if SECRETS.contains(&key) { format!("****************{tail}") } else { value.clone() }
        });
        out.push_str(&format!("{question} [{shown}]: "));
        match ctx.stdin.line() {
            Some(answer) => answers.push((key, answer.to_owned())),
            None if answers.is_empty() => {
                return Err(Failure::Unsupported(
                    "`aws configure` reads its four answers from standard input here: put them after `aws configure <<EOF`, \
                     one a line, or use `aws configure set NAME VALUE`."
                        .to_owned(),
                ));
            }
            None => {
                let failure = Failure::Other("EOF when reading a line".to_owned());
                return Err(Failure::After(out, Box::new(failure)));
            }
        }
    }
    for (key, answer) in answers.into_iter().filter(|(_, answer)| !answer.is_empty()) {
        set(&format!("profile.{profile}.{key}"), &answer, globals, ctx)?;
    }
    Ok(CommandOutput::ok(out))
}

fn positionals(words: &[String], names: &[&'static str]) -> Result<Vec<String>, Failure> {
    let wanted: Vec<Positional<'_>> =
        names.iter().map(|name| Positional { name, optional: false, choices: Vec::new() }).collect();
    let parsed = args::parse(words, &[], &wanted).map_err(Failure::Grammar)?;
    if !parsed.rest.is_empty() {
        return Err(Failure::Value(format!("Unknown options: {}", parsed.rest.join(","))));
    }
    Ok(names.iter().filter_map(|name| parsed.positional(name)).map(str::to_owned).collect())
}

fn list(globals: &Globals, ctx: &Context<'_>) -> Outcome {
    const NOT_SET: (&str, &str, &str) = ("<not set>", "None", "None");
    let env = |name: &str| ctx.env.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let from_env = |names: &[&'static str]| names.iter().find_map(|name| env(name).map(|value| (value, *name)));
    let resolved = profile(globals, ctx)?;
    let chosen = match (&globals.profile, from_env(&["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])) {
        (Some(name), _) => (name.as_str(), "manual", "--profile"),
        (None, Some((name, variable))) => (name, "env", variable),
        (None, None) => NOT_SET,
    };
    let kind = match &resolved.credential {
        None => None,
        Some(Credential::AssumedRole { .. }) if env("AWS_ACCESS_KEY_ID").is_none() => Some("assume-role"),
        Some(_) if env("AWS_ACCESS_KEY_ID").is_some() && globals.profile.is_none() => Some("env"),
        Some(Credential::IdentityCenter { .. }) => Some("sso"),
        Some(Credential::SignIn(_)) => Some("login"),
        Some(_) => Some("shared-credentials-file"),
    };
    let key = resolved.credential.as_ref().map(|credential| match credential {
        Credential::AccessKey(key) => key.clone(),
        other => ctx.session.world().identify(other).map(|caller| caller.access_key_id).unwrap_or_default(),
    });
    let masked = |text: &str| {
        let tail: String = text.chars().skip(text.chars().count().saturating_sub(4)).collect();
        format!("****************{tail}")
    };
    let access_key = key.as_deref().map(masked);
    let secret_key = key.as_deref().map(|_| masked("ated"));
    let region = match (from_env(&["AWS_REGION", "AWS_DEFAULT_REGION"]), &resolved.region) {
        (Some((value, variable)), _) => (value, "env", variable),
        (None, Some(region)) => (region.as_str(), "config-file", env("AWS_CONFIG_FILE").unwrap_or("~/.aws/config")),
        (None, None) => NOT_SET,
    };
    let credential = |value: &Option<String>| match (value, kind) {
        (Some(value), Some(kind)) => (value.clone(), kind, ""),
        _ => (NOT_SET.0.to_owned(), NOT_SET.1, NOT_SET.2),
    };
    let mut out = row("NAME", "VALUE", "TYPE", "LOCATION");
    out.push_str(&row("profile", chosen.0, chosen.1, chosen.2));
    for (name, (value, kind, place)) in
        [("access_key", credential(&access_key)), ("secret_key", credential(&secret_key))]
    {
        out.push_str(&row(name, &value, kind, place));
    }
    out.push_str(&row("region", region.0, region.1, region.2));
    Ok(CommandOutput::ok(out))
}

fn row(name: &str, value: &str, kind: &str, place: &str) -> String {
    format!("{name:<10} : {value:<24} : {kind:<16} : {place}\n")
}

/// `region`, `default.region`, `profile.dev.region` or `dev.region`: the profile, if named, and the setting.
fn split<'a>(name: &'a str, configuration: &Configuration) -> (Option<&'a str>, &'a str) {
    match name.split_once('.') {
        Some(("profile", rest)) => rest.split_once('.').map_or((None, name), |(profile, key)| (Some(profile), key)),
        Some((profile, key)) if profile == "default" || configuration.profile(profile).is_some() => {
            (Some(profile), key)
        }
        _ => (None, name),
    }
}

fn get(name: &str, globals: &Globals, ctx: &Context<'_>) -> Outcome {
    let configuration = Configuration::load(ctx.session.workstation(), ctx.env);
    let (named, key) = split(name, &configuration);
    let chosen = profiles::chosen(ctx.env, globals.profile.as_deref());
    if let (None, Some(chosen)) = (named, chosen.filter(|chosen| configuration.profile(chosen).is_none())) {
        return Err(Failure::Other(profiles::ProfileError::NotFound(chosen.to_owned()).to_string()));
    }
    let settings = configuration.profile(named.or(chosen).unwrap_or("default"));
    let nested = format!("{key}.");
    if settings.is_some_and(|settings| settings.keys().any(|name| name.starts_with(&nested))) {
        let text = format!("varname ({key}) must reference a value, not a section or sub-section.");
        return Ok(CommandOutput::fail(1, text));
    }
    match settings.and_then(|settings| settings.get(key)) {
        Some(value) => Ok(CommandOutput::ok(format!("{value}\n"))),
        None => Ok(CommandOutput::fail(1, "")),
    }
}

fn set(name: &str, value: &str, globals: &Globals, ctx: &mut Context<'_>) -> Outcome {
    let configuration = Configuration::load(ctx.session.workstation(), ctx.env);
    let (named, key) = split(name, &configuration);
    let profile = named.or(profiles::chosen(ctx.env, globals.profile.as_deref())).unwrap_or("default").to_owned();
    let workstation = ctx.session.workstation();
    let (path, section) = if SECRETS.contains(&key) {
        (profiles::credentials_path(workstation, ctx.env), profile)
    } else {
        let section = if profile == "default" { profile } else { format!("profile {}", quoted(&profile)) };
        (profiles::config_path(workstation, ctx.env), section)
    };
    let text = changed(workstation.read(&path).unwrap_or_default(), &section, key, value);
    write(ctx.session.workstation_mut(), &path, &text)
}

/// Profile names with blanks are quoted.
fn quoted(profile: &str) -> String {
    if profile.contains(char::is_whitespace) { format!("'{profile}'") } else { profile.to_owned() }
}

fn write(workstation: &mut Workstation, path: &str, text: &str) -> Outcome {
    let failed = |error| Failure::Other(format!("{error}: '{path}'"));
    workstation.write_with_parents(path, text).map(|()| CommandOutput::default()).map_err(failed)
}

/// The text of a file with one setting changed, in its place or at the end of its section.
fn changed(text: &str, section: &str, key: &str, value: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let title = |line: &str| {
        line.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(name, _)| name.trim().to_owned())
    };
    // `s3.name` is a setting of its own below `s3 =`.
    let (outer, inner) = key.split_once('.').map_or((key, None), |(outer, inner)| (outer, Some(inner)));
    let inner = inner.filter(|inner| !inner.contains('.'));
    let setting = match inner {
        Some(inner) => format!("{outer} =\n    {inner} = {value}"),
        None => format!("{outer} = {value}"),
    };
    let Some(start) = lines.iter().position(|line| title(line).as_deref() == Some(section)) else {
        lines.push(format!("[{section}]"));
        lines.push(setting);
        return lines.join("\n") + "\n";
    };
    let end =
        lines.iter().skip(start + 1).position(|line| title(line).is_some()).map_or(lines.len(), |at| start + 1 + at);
    let named = |line: &String, key: &str| line.split_once('=').is_some_and(|(name, _)| name.trim() == key);
    let indented = |line: &String| line.starts_with([' ', '\t']);
    let place = (start + 1..end).find(|at| lines.get(*at).is_some_and(|line| !indented(line) && named(line, outer)));
    match (place, inner) {
        (Some(place), Some(inner)) => {
            let below = lines.iter().skip(place + 1).take_while(|line| indented(line)).count();
            let known = lines.iter_mut().skip(place + 1).take(below).find(|line| named(line, inner));
            let setting = format!("    {inner} = {value}");
            match known {
                Some(line) => *line = setting,
                None => lines.insert(place + 1 + below, setting),
            }
        }
        (Some(place), None) => {
            if let Some(line) = lines.get_mut(place) {
                *line = setting;
            }
        }
        (None, _) => {
            let last = lines.iter().take(end).rposition(|line| !line.trim().is_empty()).map_or(start + 1, |at| at + 1);
            lines.insert(last, setting);
        }
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_changed_in_their_place() {
        let check =
            |text: &str, section: &str, expected: &str| assert_eq!(changed(text, section, "region", "x"), expected);
        check("", "default", "[default]\nregion = x\n");
        check("[default]\nregion=a\noutput = json\n", "default", "[default]\nregion = x\noutput = json\n");
        check(
            "[default]\noutput = json\n\n[profile b]\n",
            "default",
            "[default]\noutput = json\nregion = x\n\n[profile b]\n",
        );
        let nested = |text: &str, key: &str| changed(text, "default", key, "1");
        assert_eq!(nested("", "s3.a"), "[default]\ns3 =\n    a = 1\n");
        assert_eq!(
            nested("[default]\ns3 =\n    a = 0\nregion = x\n", "s3.a"),
            "[default]\ns3 =\n    a = 1\nregion = x\n"
        );
        assert_eq!(
            nested("[default]\ns3 =\n    a = 0\nregion = x\n", "s3.b"),
            "[default]\ns3 =\n    a = 0\n    b = 1\nregion = x\n"
        );
        check("[default]\n", "profile b", "[default]\n[profile b]\nregion = x\n");
    }
}
