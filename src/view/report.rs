//! A question and its answer as text: the commands that ask it, and the whole path as Markdown.

use super::access_path::{AccessPath, Line, Stage, State, Tone};
use super::details::Group;
use super::question::Question;
use super::who::Who;
use crate::engine::world::Cluster;
use crate::session::Snapshot;
use crate::shell::render;

/// The commands that ask the question in the terminal. Somebody who is no profile can only be asked about after the
/// kubeconfig is set up for them; then the commands begin with that.
pub fn commands(now: &Snapshot, cluster: &Cluster, question: &Question) -> Vec<String> {
    let mut lines = Vec::new();
    match &question.who {
        Who::Current | Who::ServiceAccount(..) | Who::User(..) | Who::Group(_) => {}
        Who::Profile(name) => {
            lines.push(format!("aws eks update-kubeconfig --name {} --profile {}", word(&cluster.name), word(name)));
        }
        Who::Principal(arn) => {
            let is_role = now.world.roles.iter().any(|role| role.arn(&now.world.partition, &now.world.account) == *arn);
            let profile = super::acting::profiles(&now.workstation)
                .into_iter()
                .find(|name| super::acting::of_profile(now, name).arn.as_ref() == Some(arn));
            if is_role {
                lines.push(format!(
                    "aws eks update-kubeconfig --name {} --role-arn {}",
                    word(&cluster.name),
                    word(arn)
                ));
            } else if let Some(name) = profile {
                let cluster = word(&cluster.name);
                lines.push(format!("aws eks update-kubeconfig --name {cluster} --profile {}", word(&name)));
            } else {
                lines.push(format!("# with kubectl set up for {arn}:"));
            }
        }
    }
    let mut line = format!("kubectl auth can-i {} {}", word(question.verb.trim()), word(question.resource.trim()));
    if !question.resource.trim().starts_with('/') {
        // kubectl takes a subresource by an option; what stands behind a slash would be a name (cli 8).
        if let Some((kind, subresource)) = question.resource.trim().split_once('/') {
            line = format!("kubectl auth can-i {} {}", word(question.verb.trim()), word(kind));
            if !question.name.trim().is_empty() {
                line.push_str(&format!("/{}", word(question.name.trim())));
            }
            line.push_str(&format!(" --subresource={}", word(subresource)));
        } else if !question.name.trim().is_empty() {
            line.push_str(&format!("/{}", word(question.name.trim())));
        }
        if question.namespace.is_empty() {
            line.push_str(" -A");
        } else {
            line.push_str(&format!(" -n {}", word(&question.namespace)));
        }
    }
    for option in question.who.options() {
        line.push_str(&format!(" {option}"));
    }
    lines.push(line);
    lines
}

fn word(text: &str) -> String {
    render::quote(text)
}

/// The answer with its path, as Markdown.
pub fn markdown(path: &AccessPath, commands: &[String]) -> String {
    let mut out = format!("**{}** ({}). {}\n\n", path.verdict.label(), path.verdict.status(), path.sentence);
    for (index, stage) in path.stages.iter().chain(&path.authorizers).enumerate() {
        out.push_str(&stage_text(index + 1, stage));
    }
    for group in &path.details {
        out.push_str(&group_text(group));
    }
    out.push_str(&format!("\n```sh\n{}\n```\n", commands.join("\n")));
    out
}

fn stage_text(number: usize, stage: &Stage) -> String {
    let mut out = format!("{number}. **{}**: {}", stage.title, stage.state.label());
    if !stage.headline.is_empty() && stage.state != State::NotReached {
        out.push_str(&format!(" ({})", stage.headline));
    }
    out.push('\n');
    for line in &stage.lines {
        out.push_str(&format!("   - {}\n", line_text(line)));
    }
    out
}

fn line_text(line: &Line) -> String {
    let text = if line.is_name { format!("`{}`", line.text) } else { line.text.clone() };
    let text = if line.tone == Tone::Shadowed { format!("~~{text}~~") } else { text };
    let label = line.label.map(|label| format!("{label} ")).unwrap_or_default();
    let reason = line.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("{label}{text}{reason}")
}

fn group_text(group: &Group) -> String {
    let mut out = format!("\n{}:\n", group.title);
    for item in &group.items {
        let sign = if item.allows { "✓" } else { "✗" };
        out.push_str(&format!("- {sign} {}: {}\n", item.name, item.reason));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::access_path::answer;
    use super::*;
    use crate::session::{Session, scenario};
    use crate::shell::terminal;

    fn question(who: Who, resource: &str, name: &str, namespace: &str) -> Question {
        let text = str::to_owned;
        Question { who, verb: text("get"), resource: text(resource), name: text(name), namespace: text(namespace) }
    }

    #[test]
    fn the_commands_ask_the_same_question() {
        let mut start = Session::new(scenario::walkthrough());
        let script = "kubectl create namespace dev\n\
             kubectl create clusterrole secrets --verb=get --resource=secrets\n\
             kubectl create rolebinding a -n dev --clusterrole=secrets --serviceaccount=dev:ci --group=team";
        terminal::run(&mut start, script);
        let now = start.now().clone();
        let cluster = now.world.clusters.first().unwrap();
        let user = |name: &str| Who::Principal(format!("arn:aws:iam::111122223333:user/{name}"));
        let questions = [
            question(Who::Current, "pods", "", "default"),
            question(Who::Profile("k8s-dev-demo".into()), "pods/log", "web", ""),
            question(user("k8s-admin"), "deployments.apps", "web", "kube-system"),
            question(
                Who::Principal("arn:aws:iam::111122223333:role/eks-cluster-role".into()),
                "/healthz",
                "",
                "default",
            ),
            question(Who::ServiceAccount("dev".into(), "ci".into()), "secrets", "", "dev"),
            question(Who::ServiceAccount("dev".into(), "ci".into()), "pods", "", ""),
            question(Who::User("jane".into(), "team, other".into()), "secrets", "", "dev"),
            question(Who::User("jane".into(), String::new()), "secrets", "", "dev"),
            question(Who::Group("system:masters".into()), "secrets", "", ""),
            question(Who::Group("team".into()), "secrets", "", "dev"),
        ];
        for question in questions {
            let mut session = Session::new(now.clone());
            let lines = commands(&now, cluster, &question);
            let ran = terminal::run(&mut session, &lines.join("\n"));
            let last = ran.last().unwrap();
            let expected = answer(&now, cluster, &question).verdict;
            let exit = i32::from(expected != super::super::access_path::Verdict::Yes);
            assert_eq!(last.exit, exit, "{lines:?} {last:?} {expected:?}");
        }
        let nobody = commands(&now, cluster, &question(user("cluster-creator2"), "*", "", ""));
        assert_eq!(
            nobody,
            [
                "# with kubectl set up for arn:aws:iam::111122223333:user/cluster-creator2:",
                "kubectl auth can-i get '*' -A"
            ]
        );
    }

    #[test]
    fn the_report_says_what_the_page_says() {
        let now = scenario::walkthrough();
        let cluster = now.world.clusters.first().unwrap();
        let path = answer(&now, cluster, &Question { who: Who::Profile("k8s-dev-demo".into()), ..Question::default() });
        let text = markdown(&path, &["kubectl auth can-i list pods".to_owned()]);
        assert!(text.starts_with("**Not logged in** (401 Unauthorized). k8s-dev is not logged in: "), "{text}");
        assert!(
            text.contains(
                "2. **Mode and lookup**: stops here (API_AND_CONFIG_MAP)\n   - no access entry for this principal\n"
            ),
            "{text}"
        );
        assert!(text.ends_with("```sh\nkubectl auth can-i list pods\n```\n"));
    }
}
