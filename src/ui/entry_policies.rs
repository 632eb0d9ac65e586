//! The access policies of an entry: those associated, another scope for one, and one more.

use yew::prelude::*;

use super::effects::Preview;
use super::entry_form::{PolicyPicker, scope_fields};
use super::parts::{Dialog, command};
use super::state::{Action, Store};
use crate::aws::eks::{AccessScope, DisassociateAccessPolicyRequest};
use crate::engine::{AwsRequest, Request};
use crate::shell::render;
use crate::view::entries::{Details, Policy, ScopeForm, associate, policy_choices, takes_policies};
use crate::view::route::Route;
use crate::view::text::last_name;

/// Of which entry.
#[derive(Properties, PartialEq)]
pub struct PoliciesProps {
    /// The entry.
    pub details: Details,
    /// The cluster.
    pub cluster: String,
}

/// The policies of an entry.
#[function_component]
pub fn Policies(props: &PoliciesProps) -> Html {
    let rescoped = use_state(|| None::<Policy>);
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let row = &props.details.row;
    if !takes_policies(row.kind) {
        return html! {
            <section class="card"><h2 class="card__title">{ "Access policies" }</h2>
                <p class="quiet">{ format!("Entries of type {} take no access policies.", row.kind.name()) }</p>
            </section>
        };
    }
    let arn = row.principal_arn.clone();
    let add = {
        let (store, cluster, arn) = (store.clone(), props.cluster.clone(), arn.clone());
        Callback::from(move |(policy, scope): (String, AccessScope)| {
            let request = associate(&cluster, &arn, &policy, &scope);
            let title = format!("Associated {} with {}", last_name(&policy), last_name(&arn));
            store.dispatch(Action::Call(store.aws_caller(), vec![request], title));
        })
    };
    let item = |policy: &Policy| {
        let remove = {
            let request = DisassociateAccessPolicyRequest {
                cluster_name: props.cluster.clone(),
                principal_arn: arn.clone(),
                policy_arn: policy.arn.clone(),
            };
            let (store, title) = (store.clone(), format!("Removed {} from {}", policy.name, last_name(&arn)));
            Callback::from(move |_: MouseEvent| {
                let request = Request::Aws(AwsRequest::DisassociateAccessPolicy(request.clone()));
                store.dispatch(Action::Call(store.aws_caller(), vec![request], title.clone()));
            })
        };
        let rescope = {
            let (rescoped, policy) = (rescoped.clone(), policy.clone());
            Callback::from(move |_: MouseEvent| rescoped.set(Some(policy.clone())))
        };
        html! {
            <li class="added__row" key={policy.arn.clone()}>
                <span class="added__name"><a href={Route::Policy(policy.name.clone(), None).href()}>{ policy.name.clone() }</a><span class="line__reason">{ policy.scope.clone() }</span></span>
                <span class="card__actions">
                    <button type="button" class="button button--small" onclick={rescope} aria-label={format!("Change scope of {}", policy.name)}>{ "Change scope" }</button>
                    <button type="button" class="button button--small" onclick={remove} aria-label={format!("Remove {}", policy.name)}>{ "Remove" }</button>
                </span>
            </li>
        }
    };
    let close = {
        let rescoped = rescoped.clone();
        Callback::from(move |()| rescoped.set(None))
    };
    let world = store.session.world();
    let namespaces = world.cluster(&props.cluster).map(|cluster| cluster.objects.namespaces()).unwrap_or_default();
    html! {
        <section class="card" aria-labelledby="policies-title">
            <h2 class="card__title" id="policies-title">{ "Access policies" }<span class="card__count">{ format!("({})", row.policies.len()) }</span></h2>
            if row.policies.is_empty() { <p class="quiet">{ "None. What this principal may do comes from role bindings of its username and groups alone." }</p> }
            <ul class="added">{ for row.policies.iter().map(item) }</ul>
            <h3 class="card__subtitle">{ "Associate access policy" }</h3>
            <PolicyPicker key={row.policies.len()} choices={policy_choices(world, row.kind)} namespaces={namespaces.clone()} label="Add access policy" on_pick={add} />
            if let Some(policy) = &*rescoped { <Rescope policy={policy.clone()} cluster={props.cluster.clone()} principal_arn={arn.clone()} {namespaces} on_close={close} /> }
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct RescopeProps {
    policy: Policy,
    cluster: String,
    principal_arn: String,
    namespaces: Vec<String>,
    on_close: Callback<()>,
}

/// Another scope for a policy: it is associated once more, which replaces the scope (eks 9.3).
#[function_component]
fn Rescope(props: &RescopeProps) -> Html {
    let scope = use_state(|| ScopeForm::of(&props.policy.access_scope));
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let policy = &props.policy;
    let requests = vec![associate(&props.cluster, &props.principal_arn, &policy.arn, &scope.access_scope())];
    let line = requests.iter().map(render::command).collect::<String>();
    let is_ready = scope.is_complete() && scope.access_scope() != policy.access_scope;
    let set = {
        let scope = scope.clone();
        Callback::from(move |new: ScopeForm| scope.set(new))
    };
    let go = {
        let (store, close, requests) = (store.clone(), props.on_close.clone(), requests.clone());
        let title = format!("Changed the scope of {} for {}", policy.name, last_name(&props.principal_arn));
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            close.emit(());
            store.dispatch(Action::Call(store.aws_caller(), requests.clone(), title.clone()));
        })
    };
    let cancel = {
        let close = props.on_close.clone();
        Callback::from(move |_: MouseEvent| close.emit(()))
    };
    html! {
        <Dialog title={format!("Change the scope of {}", policy.name)} on_close={props.on_close.clone()}>
            <form class="form" onsubmit={go} novalidate=true>
                <p class="quiet">{ format!("Now: {}. Associating the policy again replaces its scope.", policy.scope) }</p>
                { scope_fields("new-", &scope, &props.namespaces, &set) }
                if is_ready { <Preview {requests} />{ command(&line, None) } }
                <div class="dialog__actions">
                    <button type="button" class="button" onclick={cancel}>{ "Cancel" }</button>
                    <button type="submit" class="button button--primary" disabled={!is_ready}>{ "Change scope" }</button>
                </div>
            </form>
        </Dialog>
    }
}
