//! The aws-auth page: the ConfigMap's text, and beside it what the authenticator makes of it.

use std::rc::Rc;

use yew::prelude::*;

use super::access::no_cluster;
use super::apply::ApplyDialog;
use super::editor::{Editor, format_button};
use super::parts::{icon, name, prose};
use super::state::{Action, SameNow, Store};
use super::what_if::IfSaved;
use crate::engine::findings::Bound;
use crate::view::aws_auth::{self, MappingLine, Reading};
use crate::view::what_if::world_after;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The entry that somebody was sent to: section and position.
    #[prop_or_default]
    pub entry: Option<(String, usize)>,
    /// The line that somebody was sent to.
    #[prop_or_default]
    pub line: Option<usize>,
}

/// The page.
#[function_component]
pub fn AwsAuthPage(props: &Props) -> Html {
    // What was typed over which stored text; a change made elsewhere shows unless there is a draft.
    let draft = use_state(|| None::<String>);
    let is_asking = use_state(|| false);
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let cluster_name = store.cluster_name().unwrap_or_default();
    let world = store.session.world();
    // Whom bindings name: read once a world, not once a keystroke.
    let bound = use_memo((SameNow(store.now().clone()), cluster_name.clone()), |(now, name)| {
        now.0.world.cluster(name).map(|cluster| Bound::of(cluster.objects.rbac())).unwrap_or_default()
    });
    let Some(cluster) = world.cluster(&cluster_name) else { return no_cluster() };
    let stored = aws_auth::text(cluster);
    let put = {
        let draft = draft.clone();
        Callback::from(move |text: Option<String>| draft.set(text))
    };
    if stored.is_none() && draft.is_none() {
        return missing(&world.account, &store, &put);
    }
    let text = (*draft).clone().or_else(|| stored.clone()).unwrap_or_default();
    let reading = aws_auth::read(world, cluster, &bound, &text);
    let is_changed = draft.as_ref().is_some_and(|draft| Some(draft) != stored.as_ref());
    let request = reading.data.as_ref().filter(|_| is_changed).map(|data| aws_auth::save(cluster, data));
    let caller = store.kubectl().acting.caller;
    let after = request.as_ref().and_then(|request| world_after(world, &caller, request).ok());
    let click = |act: Rc<dyn Fn()>| Callback::from(move |_: MouseEvent| act());
    let ask = |open: bool| {
        let is_asking = is_asking.clone();
        Rc::new(move || is_asking.set(open))
    };
    let set = |text: Option<String>| {
        let put = put.clone();
        Rc::new(move || put.emit(text.clone()))
    };
    let close = {
        let close = ask(false);
        Callback::from(move |()| close())
    };
    let on_done = {
        let forget = set(None);
        Callback::from(move |()| forget())
    };
    let on_input = {
        let put = put.clone();
        Callback::from(move |text: String| put.emit(Some(text)))
    };
    let shown = props.entry.as_ref().and_then(|(section, index)| aws_auth::entry_line(&text, section, *index));
    let shown = shown.map(|first| (first, aws_auth::entry_end(&text, first)));
    let shown = shown.or(props.line.map(|line| (line, line)));
    let is_new = stored.is_none();
    html! {
        <section class="card" aria-labelledby="aws-auth-title">
            <header class="card__head">
                <div>
                    <h2 class="card__title" id="aws-auth-title">{ "ConfigMap kube-system/aws-auth" }</h2>
                    <p class="card__text card__text--quiet">
                        if cluster.mode.reads_config_map() { { "Read in mode " } } else { { "Not read in mode " } }
                        <code class="name">{ cluster.mode.name() }</code>{ "." }
                    </p>
                </div>
                <div class="card__actions">
                    if is_changed { <button type="button" class="button" onclick={click(set(None))}>{ "Discard" }</button> }
                    { format_button(&store, &text, reading.data.is_some(), aws_auth::format, &on_input) }
                    <button type="button" class="button button--primary" disabled={request.is_none()} onclick={click(ask(true))}>{ "Save changes" }</button>
                </div>
            </header>
            <div class="split">
                <Editor id="aws-auth-text" label="Sections of aws-auth, as YAML" text={text.clone()} marks={reading.marks.clone()} {shown} {on_input} />
                <div class="reading">
                    <IfSaved {after} />
                    { result(&reading) }
                </div>
            </div>
            if let Some(request) = request.filter(|_| *is_asking) {
                <ApplyDialog title={if is_new { "Create aws-auth" } else { "Save aws-auth" }} verb={if is_new { "Create" } else { "Save" }}
                    done={if is_new { "Created aws-auth" } else { "Saved aws-auth" }} {request} old={stored.unwrap_or_default()} new={text} on_close={close} {on_done}>
                    if reading.marks.iter().any(|mark| mark.severity == crate::engine::findings::Severity::Error) {
                        <p class="note note--warn">{ icon("warn") }{ "The API server takes any text here. The authenticator then reads it as shown beside the editor: what has an error is lost." }</p>
                    }
                </ApplyDialog>
            }
        </section>
    }
}

/// Where there is no such ConfigMap.
fn missing(account: &str, store: &Store, put: &Callback<Option<String>>) -> Html {
    let template = aws_auth::template(account);
    let start = {
        let put = put.clone();
        Callback::from(move |_: MouseEvent| put.emit(Some(template.clone())))
    };
    let insert = {
        let store = store.clone();
        Callback::from(move |text: String| store.dispatch(Action::Insert(text)))
    };
    let line = format!(
        "eksctl create iamidentitymapping --cluster {} --arn arn:aws:iam::{account}:user/k8s-admin --username k8s-admin --group system:masters",
        store.cluster_name().unwrap_or_default()
    );
    html! {
        <section class="card">
            <div class="empty">
                <h2 class="empty__title">{ "There is no aws-auth ConfigMap" }</h2>
                <p class="empty__text">{ "It maps IAM roles and users to Kubernetes users and groups, in modes that read it. On new clusters it is not there until somebody makes it." }</p>
                <button type="button" class="button button--primary" onclick={start}>{ icon("plus") }{ "Create it" }</button>
                { super::parts::command(&line, Some(insert)) }
            </div>
        </section>
    }
}

fn result(reading: &Reading) -> Html {
    html! {
        <section class="says" aria-live="polite">
            <h3 class="card__subtitle">{ "What the authenticator reads" }</h3>
            if reading.is_broken {
                <p class="quiet">{ "Nothing yet: the text is no map of sections." }</p>
            } else if reading.lines.is_empty() {
                <p class="quiet">{ "No mapping: nobody gets in by aws-auth." }</p>
            }
            <ul class="plain">{ for reading.lines.iter().map(mapping) }</ul>
        </section>
    }
}

fn mapping(line: &MappingLine) -> Html {
    let who = name(&line.who, 40);
    html! {
        <li class={classes!("mapping", line.lost.is_some().then_some("mapping--lost"))} key={line.place.clone()}>
            { icon(if line.lost.is_some() { "minus" } else { "check" }) }
            <div>
                <span class="mapping__place">{ line.place.clone() }if let Some(line) = line.line { { format!(" · line {line}") } }</span>
                { if line.lost.is_some() { html! { <s>{ who }</s> } } else { who } }
                if !line.username.is_empty() { <span class="mapping__as">{ "user " }<code class="name">{ line.username.clone() }</code></span> }
                if !line.groups.is_empty() { <span class="mapping__as">{ "groups " }{ super::access::groups(&line.groups) }</span> }
                if let Some(lost) = &line.lost { <span class="line__reason">{ "does not count: " }{ prose(lost) }</span> }
            </div>
        </li>
    }
}
