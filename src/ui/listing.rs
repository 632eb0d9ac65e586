//! The parts that lists share: heads that sort, and the way from page to page.

use yew::prelude::*;

use super::parts::icon;
use crate::view::listing::{List, Query};

/// The head of a column that sorts.
pub fn head<K, C>(query: &Query<K, C>, column: C, label: &'static str, change: &Callback<Query<K, C>>) -> Html
where
    K: Clone + 'static,
    C: Copy + PartialEq + 'static,
{
    let (change, next) = (change.clone(), query.sorted_by(column));
    let onclick = Callback::from(move |_: MouseEvent| change.emit(next.clone()));
    let sort = query.aria_sort(column);
    let sign = match sort {
        Some("ascending") => icon("up"),
        Some(_) => icon("down"),
        None => Html::default(),
    };
    html! { <th scope="col" key={label} aria-sort={sort}><button type="button" class="sort" {onclick}>{ label }{ sign }</button></th> }
}

/// From page to page; nothing where there is one.
pub fn pages<R>(found: &List<R>, to: impl Fn(usize) -> Callback<MouseEvent>) -> Html {
    if found.pages < 2 {
        return Html::default();
    }
    html! {
        <nav class="pages" aria-label="Pages of the list">
            <span class="pages__range">{ found.range() }</span>
            <button type="button" class="button button--small" disabled={found.page == 0} onclick={to(found.page.saturating_sub(1))}>{ "Previous" }</button>
            <button type="button" class="button button--small" disabled={found.page + 1 >= found.pages} onclick={to(found.page + 1)}>{ "Next" }</button>
        </nav>
    }
}

/// A callback that changes what is wanted.
pub fn paged<K, C>(query: &Query<K, C>, change: &Callback<Query<K, C>>) -> impl Fn(usize) -> Callback<MouseEvent>
where
    K: Clone + 'static,
    C: Clone + 'static,
{
    let (query, change) = (query.clone(), change.clone());
    move |page: usize| {
        let (change, next) = (change.clone(), Query { page, ..query.clone() });
        Callback::from(move |_: MouseEvent| change.emit(next.clone()))
    }
}
