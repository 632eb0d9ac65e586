//! `kubectl config set…` and `unset` (cli 15).

use serde_json::{Map, Value, json};

use crate::shell::kubeconfig::{Kubeconfig, SECTIONS};

use super::config::{edit, one_argument};
use super::failure::{Failure, local};
use super::flags::Parsed;
use super::help;
use super::tool::{Outcome, Tool};

/// `config set-context`
///
/// # Errors
/// No name, no current context.
pub fn set_context(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let current = parsed.switch("current");
    let name = match parsed.args.as_slice() {
        [name] if !current => name.clone(),
        [] if current => {
            let name = tool.config()?.current_context().to_owned();
            if name.is_empty() {
                return Err(local("no current context is set"));
            }
            name
        }
        [] => return Err(local("you must specify a non-empty context name or --current")),
        [_] => return Err(local("you cannot specify both a context name and --current")),
        args => {
            help::print(tool, parsed);
            return Err(local(format!("Unexpected args: [{}]", args.join(" "))));
        }
    };
    let set = [("cluster", "cluster"), ("user", "user"), ("namespace", "namespace")];
    let verb = put(tool, parsed, "contexts", &name, &set)?;
    tool.say(format!("Context {name:?} {verb}."));
    Ok(())
}

/// `config set-cluster`
///
/// # Errors
/// No name.
pub fn set_cluster(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let name = one_argument(tool, parsed)?.to_owned();
    let set = [
        ("server", "server"),
        ("certificate-authority", "certificate-authority"),
        ("tls-server-name", "tls-server-name"),
        ("proxy-url", "proxy-url"),
        ("insecure-skip-tls-verify", "insecure-skip-tls-verify"),
    ];
    put(tool, parsed, "clusters", &name, &set)?;
    tool.say(format!("Cluster {name:?} set."));
    Ok(())
}

/// `config set-credentials`
///
/// # Errors
/// No name.
pub fn set_credentials(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let [name] = parsed.args.as_slice() else {
        help::print(tool, parsed);
        return Err(local(format!("unexpected args: [{}]", parsed.args.join(" "))));
    };
    let methods = [("token", "--token"), ("username", "--username/--password"), ("exec-command", "--exec-command")];
    let methods: Vec<&str> =
        methods.into_iter().filter(|(flag, _)| !parsed.text_or_empty(flag).is_empty()).map(|(_, name)| name).collect();
    if methods.len() > 1 {
        return Err(local(format!(
            "you cannot specify more than one authentication method at the same time: {}",
            methods.join(", ")
        )));
    }
    let arguments = parsed.all("auth-provider-arg");
    if let Some(bad) = arguments.iter().find(|argument| !argument.contains('=') && !argument.ends_with('-')) {
        help::print(tool, parsed);
        return Err(local(format!("invalid auth-provider-arg format: {bad}")));
    }
    let set = [
        ("token", "token"),
        ("username", "username"),
        ("password", "password"),
        ("client-certificate", "client-certificate"),
        ("client-key", "client-key"),
    ];
    if parsed.given("exec-command") {
        let variable = |pair: String| {
            let (name, value) = pair.split_once('=').unwrap_or((&pair, ""));
            json!({"name": name, "value": value})
        };
        let exec = json!({
            "apiVersion": parsed.text("exec-api-version").unwrap_or("client.authentication.k8s.io/v1beta1"),
            "command": parsed.text_or_empty("exec-command"),
            "args": parsed.all("exec-arg"),
            "env": parsed.all("exec-env").into_iter().map(variable).collect::<Vec<_>>(),
        });
        edit(tool, |config| {
            let mut body = members(config, "users", name);
            body.insert("exec".to_owned(), exec);
            config.put("users", name, Some(Value::Object(body)));
            Ok(())
        })?;
    } else {
        put(tool, parsed, "users", name, &set)?;
    }
    if parsed.given("auth-provider") || !arguments.is_empty() {
        edit(tool, |config| {
            let mut body = members(config, "users", name);
            set_provider(
                &mut body,
                parsed.given("auth-provider").then(|| parsed.text_or_empty("auth-provider")),
                &arguments,
            );
            config.put("users", name, Some(Value::Object(body)));
            Ok(())
        })?;
    }
    tool.say(format!("User {name:?} set."));
    Ok(())
}

/// Sets the auth provider of a user: another name begins with no arguments, `key=value` and `key-` change one each.
fn set_provider(user: &mut Map<String, Value>, name: Option<&str>, arguments: &[String]) {
    const MEMBER: &str = "auth-provider";
    let known = user.get(MEMBER).and_then(|provider| provider.get("name")).and_then(Value::as_str);
    if let Some(name) = name.filter(|name| known != Some(name)) {
        user.insert(MEMBER.to_owned(), json!({"config": {}, "name": name}));
    }
    let Some(provider) = user.get_mut(MEMBER).and_then(Value::as_object_mut) else { return };
    let config = provider.entry("config").or_insert_with(|| json!({}));
    let Some(config) = config.as_object_mut() else { return };
    for argument in arguments {
        match argument.split_once('=') {
            Some((key, value)) => _ = config.insert(key.to_owned(), json!(value)),
            None => _ = config.shift_remove(argument.trim_end_matches('-')),
        }
    }
}

fn members(config: &Kubeconfig, section: &str, name: &str) -> Map<String, Value> {
    config.entry(section, name).and_then(Value::as_object).cloned().unwrap_or_default()
}

/// Sets members of an entry from flags: pairs of flag and member. The word for what happened.
fn put(
    tool: &mut Tool<'_, '_>,
    parsed: &Parsed,
    section: &'static str,
    name: &str,
    flags: &[(&str, &str)],
) -> Result<&'static str, Failure> {
    edit(tool, |config| {
        let existed = config.entry(section, name).is_some();
        let mut body = members(config, section, name);
        for (flag, member) in flags.iter().filter(|(flag, _)| parsed.given(flag)) {
            let text = parsed.text_or_empty(flag);
            let value = if *flag == "insecure-skip-tls-verify" { json!(parsed.switch(flag)) } else { json!(text) };
            body.insert((*member).to_owned(), value);
        }
        config.put(section, name, Some(Value::Object(body)));
        Ok(if existed { "modified" } else { "created" })
    })
}

/// Section, entry and perhaps member.
type Property = (&'static str, String, Option<String>);

/// A property path: `current-context`, or section, entry and member.
fn property(path: &str) -> Result<Option<Property>, Failure> {
    if path == "current-context" {
        return Ok(None);
    }
    let (section, rest) = path.split_once('.').unwrap_or((path, ""));
    let Some((section, _)) = SECTIONS.iter().find(|(name, _)| *name == section) else {
        return Err(local(format!("unable to parse {path} after [] at api.Config")));
    };
    // Names of entries may hold dots, members do not.
    let (name, member) = match rest.rsplit_once('.') {
        Some((name, member)) => (name, Some(member.to_owned())),
        None => (rest, None),
    };
    Ok(Some((section, name.to_owned(), member)))
}

/// `config set`
///
/// # Errors
/// Bad property names.
pub fn set(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let [path, value] = parsed.args.as_slice() else {
        help::print(tool, parsed);
        return Err(local(format!("Unexpected args: [{}]", parsed.args.join(" "))));
    };
    let place = property(path)?;
    edit(tool, |config| {
        match place {
            None => config.set_current(value),
            Some((section, name, Some(member))) => {
                let mut body = members(config, section, &name);
                body.insert(member, json!(value));
                config.put(section, &name, Some(Value::Object(body)));
            }
            Some(_) => return Err(local(format!("unable to set {path:?}: a member is missing"))),
        }
        Ok(())
    })?;
    tool.say(format!("Property {path:?} set."));
    Ok(())
}

/// `config unset`
///
/// # Errors
/// Bad property names.
pub fn unset(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let path = one_argument(tool, parsed)?;
    let place = property(path)?;
    edit(tool, |config| {
        match place {
            None => config.set_current(""),
            Some((section, name, member)) => {
                // `contexts.a.b` is the entry `a.b` if there is one.
                let whole = member.as_ref().map_or(name.clone(), |member| format!("{name}.{member}"));
                match member.filter(|_| config.entry(section, &whole).is_none()) {
                    None => config.put(section, &whole, None),
                    Some(member) => {
                        let mut body = members(config, section, &name);
                        body.shift_remove(&member);
                        config.put(section, &name, Some(Value::Object(body)));
                    }
                }
            }
        }
        Ok(())
    })?;
    tool.say(format!("Property {path:?} unset."));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_name_an_entry_and_a_member() {
        assert_eq!(property("current-context"), Ok(None));
        let expected = Some(("contexts", "a.b".to_owned(), Some("namespace".to_owned())));
        assert_eq!(property("contexts.a.b.namespace"), Ok(expected));
        assert!(property("foo.bar").is_err());
    }
}
