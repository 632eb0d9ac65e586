//! The pages of the access policies: the list of all, and the rule table of one.

use yew::prelude::*;

use super::access::no_cluster;
use super::dom;
use super::parts::{Copy, icon, name};
use super::state::Store;
use crate::view::policies::{self, Page, Rule};
use crate::view::route::Route;
use crate::view::text::count;

/// All policies.
#[function_component]
pub fn PoliciesPage() -> Html {
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let cluster_name = store.cluster_name().unwrap_or_default();
    let Some(cluster) = store.session.world().cluster(&cluster_name) else { return no_cluster() };
    let row = |row: &policies::Row| {
        html! {
            <tr key={row.name.clone()}>
                <th scope="row"><a href={Route::Policy(row.name.clone(), None).href()}>{ row.name.clone() }</a><span class="line__reason">{ row.summary.clone() }</span></th>
                <td data-label="Rules">{ row.rules.map_or_else(|| "not public".to_owned(), |rules| rules.to_string()) }</td>
                <td data-label="Access entries">{ row.holders }</td>
            </tr>
        }
    };
    html! {
        <section class="card" aria-labelledby="policies-title">
            <p class="crumbs"><a href={Route::Access.href()}>{ "Access" }</a>{ icon("right") }{ "Access policies" }</p>
            <h2 class="card__title" id="policies-title">{ "Access policies" }</h2>
            <p class="quiet">{ "AWS defines these policies. An access entry gets one with a scope: the whole cluster, or namespaces." }</p>
            <table class="table">
                <thead><tr><th scope="col">{ "Policy" }</th><th scope="col">{ "Rules" }</th><th scope="col">{ "Access entries" }</th></tr></thead>
                <tbody>{ for policies::rows(store.session.world(), cluster).iter().map(row) }</tbody>
            </table>
        </section>
    }
}

/// Which policy, and the rule that a link leads to.
#[derive(Properties, PartialEq)]
pub struct PolicyProps {
    /// Its name.
    pub name: String,
    /// The rule, from 1.
    pub rule: Option<usize>,
}

/// One policy.
#[function_component]
pub fn PolicyPage(props: &PolicyProps) -> Html {
    // The rule that a link leads to comes into view.
    use_effect_with((props.name.clone(), props.rule), |(_, rule)| {
        if rule.is_some() {
            dom::reveal(".policy__rule[aria-current]");
        }
    });
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let cluster_name = store.cluster_name().unwrap_or_default();
    let Some(cluster) = store.session.world().cluster(&cluster_name) else { return no_cluster() };
    let Some(page) = policies::page(store.session.world(), cluster, &props.name) else {
        return html! {
            <section class="card">
                <div class="empty"><h2 class="empty__title">{ "No such access policy" }</h2>
                    <p class="empty__text">{ format!("The catalogue has no access policy {}.", props.name) }</p>
                    <a class="button" href={Route::Policies.href()}>{ "All access policies" }</a>
                </div>
            </section>
        };
    };
    html! {
        <section class="card" aria-labelledby="policy-title">
            <p class="crumbs"><a href={Route::Access.href()}>{ "Access" }</a>{ icon("right") }<a href={Route::Policies.href()}>{ "Access policies" }</a>{ icon("right") }{ page.name.clone() }</p>
            <h2 class="card__title" id="policy-title">{ page.name.clone() }</h2>
            <p class="quiet">{ page.summary.clone() }</p>
            <dl class="facts">
                <dt>{ "ARN" }</dt><dd>{ name(&page.arn, 80) }<Copy text={page.arn.clone()} /></dd>
                <dt>{ "Access entries with it" }</dt><dd>{ holders(&page) }</dd>
            </dl>
            { match &page.rules {
                None => html! { <p class="note">{ icon("info") }{ "AWS does not publish the rules of this policy, so the playground does not evaluate it." }</p> },
                Some(rules) => table(&page.name, rules, props.rule),
            } }
        </section>
    }
}

fn holders(page: &Page) -> Html {
    if page.holders.is_empty() {
        return html! { <span class="quiet">{ "none" }</span> };
    }
    let holder = |holder: &policies::Holder| {
        html! {
            <li key={holder.principal_arn.clone()}><a href={Route::Entry(holder.principal_arn.clone()).href()}>{ holder.name.clone() }</a><span class="line__reason">{ holder.scope.clone() }</span></li>
        }
    };
    html! { <ul class="plain">{ for page.holders.iter().map(holder) }</ul> }
}

fn table(policy: &str, rules: &[Rule], shown: Option<usize>) -> Html {
    let row = |rule: &Rule| {
        let is_shown = shown == Some(rule.number);
        let route = Route::Policy(policy.to_owned(), Some(rule.number));
        html! {
            <tr key={rule.number} class={classes!("policy__rule", is_shown.then_some("policy__rule--shown"))} aria-current={is_shown.then_some("true")}>
                <th scope="row"><a href={route.href()}>{ format!("rule {}", rule.number) }</a></th>
                <td data-label="Rule"><code class="name">{ rule.text.clone() }</code><span class="line__reason">{ rule.sentence.clone() }</span></td>
            </tr>
        }
    };
    html! {
        <>
            <h3 class="card__subtitle">{ count(rules.len(), "rule", "rules") }</h3>
            <table class="table">
                <thead><tr><th scope="col">{ "Number" }</th><th scope="col">{ "Rule" }</th></tr></thead>
                <tbody>{ for rules.iter().map(row) }</tbody>
            </table>
        </>
    }
}
