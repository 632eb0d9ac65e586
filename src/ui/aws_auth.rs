//! The aws-auth page: the ConfigMap's text, and beside it what the authenticator makes of it.

use yew::prelude::*;

use super::access::no_cluster;
use super::parts::{command, icon, name, value_of};
use super::state::{Action, Store};
use crate::shell::render;
use crate::view::aws_auth::{self, MappingLine, Reading};

/// The page.
#[function_component]
pub fn AwsAuthPage() -> Html {
    // What was typed over which stored text; a change made elsewhere shows unless there is a draft.
    let draft = use_state(|| None::<String>);
    let error = use_state(|| None::<String>);
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let cluster_name = store.cluster_name().unwrap_or_default();
    let Some(cluster) = store.session.world().cluster(&cluster_name) else { return no_cluster() };
    let stored = aws_auth::text(cluster);
    let start = {
        let (draft, account) = (draft.clone(), store.session.world().account.clone());
        Callback::from(move |_: MouseEvent| draft.set(Some(aws_auth::template(&account))))
    };
    if stored.is_none() && draft.is_none() {
        return html! {
            <section class="card">
                <div class="empty">
                    <h2 class="empty__title">{ "There is no aws-auth ConfigMap" }</h2>
                    <p class="empty__text">{ "It maps IAM roles and users to Kubernetes users and groups, in modes that read it. On new clusters it is not there until somebody makes it." }</p>
                    <button type="button" class="button button--primary" onclick={start}>{ icon("plus") }{ "Create it" }</button>
                </div>
            </section>
        };
    }
    let text = (*draft).clone().or_else(|| stored.clone()).unwrap_or_default();
    let reading = aws_auth::read(cluster, &text);
    let data = aws_auth::data(&text);
    let is_changed = draft.as_ref().is_some_and(|draft| Some(draft) != stored.as_ref());
    let request = data.ok().filter(|_| is_changed).map(|data| aws_auth::save(cluster, &data));
    let kubectl = store.kubectl().acting;
    let save = {
        let (store, draft, error, request, caller) =
            (store.clone(), draft.clone(), error.clone(), request.clone(), kubectl.caller.clone());
        let is_new = stored.is_none();
        Callback::from(move |_: MouseEvent| {
            let Some(request) = request.clone() else { return };
            match store.trial(&caller, std::slice::from_ref(&request)) {
                Ok(()) => {
                    error.set(None);
                    draft.set(None);
                }
                Err((_, refusal)) => error.set(Some(refusal.to_string())),
            }
            let title = if is_new { "Created aws-auth" } else { "Saved aws-auth" };
            store.dispatch(Action::Call(caller.clone(), vec![request], title.to_owned()));
        })
    };
    let revert = {
        let (draft, error) = (draft.clone(), error.clone());
        Callback::from(move |_: MouseEvent| {
            draft.set(None);
            error.set(None);
        })
    };
    let oninput = {
        let (draft, error) = (draft.clone(), error.clone());
        Callback::from(move |event: InputEvent| {
            error.set(None);
            draft.set(Some(value_of(&event)));
        })
    };
    let lines = text.matches('\n').count() + 1;
    let numbers: String = (1..=lines).map(|number| format!("{number}\n")).collect();
    html! {
        <section class="card" aria-labelledby="aws-auth-title">
            <header class="card__head">
                <div>
                    <h2 class="card__title" id="aws-auth-title">{ "ConfigMap kube-system/aws-auth" }</h2>
                    <p class="card__text card__text--quiet">
                        if cluster.mode.reads_config_map() { { "Read in mode " } } else { { "Not read in mode " } }
                        <code class="name">{ cluster.mode.name() }</code>
                        { format!(". Saved as {}, whom kubectl acts as now.", kubectl.name()) }
                    </p>
                </div>
                <div class="card__actions">
                    if is_changed { <button type="button" class="button" onclick={revert}>{ "Discard" }</button> }
                    <button type="button" class="button button--primary" disabled={request.is_none()} onclick={save}>{ "Save changes" }</button>
                </div>
            </header>
            if let Some(error) = &*error { <p class="note note--error" role="alert">{ icon("warn") }{ error.clone() }</p> }
            <div class="split">
                <div class="editor">
                    <pre class="editor__numbers" aria-hidden="true">{ numbers }</pre>
                    <textarea class="editor__text" aria-label="Sections of aws-auth, as YAML" spellcheck="false" autocapitalize="none" wrap="off"
                        rows={lines.clamp(8, 40).to_string()} value={text} {oninput} />
                </div>
                { result(&reading) }
            </div>
            if let Some(request) = &request { { command(&render::command(request), None) } }
        </section>
    }
}

fn result(reading: &Reading) -> Html {
    html! {
        <div class="reading" aria-live="polite">
            <h3 class="card__subtitle">{ "What the authenticator reads" }</h3>
            if let Some(error) = &reading.error { <p class="note note--error">{ icon("warn") }<span>{ error.clone() }</span></p> }
            { for reading.problems.iter().map(|problem| html! { <p class="note note--warn" key={problem.clone()}>{ icon("warn") }<span>{ problem.clone() }</span></p> }) }
            if reading.lines.is_empty() && reading.error.is_none() { <p class="quiet">{ "No mapping: nobody gets in by aws-auth." }</p> }
            <ul class="plain">{ for reading.lines.iter().map(mapping) }</ul>
        </div>
    }
}

fn mapping(line: &MappingLine) -> Html {
    let who = name(&line.who, 40);
    html! {
        <li class={classes!("mapping", line.lost.is_some().then_some("mapping--lost"))} key={line.place.clone()}>
            { icon(if line.lost.is_some() { "minus" } else { "check" }) }
            <div>
                <span class="mapping__place">{ line.place.clone() }</span>
                { if line.lost.is_some() { html! { <s>{ who }</s> } } else { who } }
                if !line.username.is_empty() { <span class="mapping__as">{ "user " }<code class="name">{ line.username.clone() }</code></span> }
                if !line.groups.is_empty() { <span class="mapping__as">{ "groups " }{ super::access::groups(&line.groups) }</span> }
                if let Some(lost) = &line.lost { <span class="line__reason">{ "does not count: " }{ lost.clone() }</span> }
            </div>
        </li>
    }
}
