//! IAM OpenID Connect providers (iam 9.4). The world keeps them by their URL without `https://`.

use std::rc::Rc;

use serde_json::{Value, json};

use crate::aws::exception::Exception;
use crate::aws::iam::OidcProvider;
use crate::aws::tags::Tags;
use crate::engine::request::{AwsRequest, Members};
use crate::engine::world::World;

/// The most client ids of a provider.
const MOST_CLIENTS: usize = 100;
/// The most fingerprints of a provider.
const MOST_THUMBPRINTS: usize = 5;
/// The most providers of an account.
pub const MOST: usize = 100;
/// The fingerprint that IAM finds for EKS's issuers when the caller gives none, as public outputs show it.
const FOUND_THUMBPRINT: &str = "9e99a48a9960b14926bb7f3b02e22da2b0ab7280";

/// The ARN of the provider of this URL.
pub fn arn(world: &World, url: &str) -> String {
    let url = url.strip_prefix("https://").unwrap_or(url);
    format!("arn:{}:iam::{}:oidc-provider/{url}", world.partition, world.account)
}

/// The tags of an IAM call, a list of `Key` and `Value`.
pub fn tags(input: &Members) -> Tags {
    let mut tags = Tags::default();
    for tag in input.get("Tags").and_then(Value::as_array).into_iter().flatten() {
        let text = |member: &str| tag.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
        tags.insert(text("Key"), text("Value"));
    }
    tags
}

fn shown_tags(tags: &Tags) -> Value {
    tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}

/// The URL behind an ARN, if there is such a provider.
fn find<'a>(world: &'a World, input: &Members) -> Result<(&'a String, &'a Rc<OidcProvider>), Exception> {
    let wanted = input.text("OpenIDConnectProviderArn").unwrap_or_default();
    let found = world.oidc_providers.iter().find(|(url, _)| arn(world, url) == wanted);
    found.ok_or_else(|| Exception::no_oidc_provider(wanted))
}

/// Answers an operation about providers that reads; `None` if it is another one.
pub fn read(world: &World, request: &AwsRequest) -> Option<Result<Value, Exception>> {
    Some(match request {
        AwsRequest::ListOpenIDConnectProviders(_) => {
            let list: Vec<Value> = world.oidc_providers.keys().map(|url| json!({ "Arn": arn(world, url) })).collect();
            Ok(json!({ "OpenIDConnectProviderList": list }))
        }
        AwsRequest::GetOpenIDConnectProvider(input) => find(world, input).map(|(url, provider)| {
            json!({
                "Url": url,
                "ClientIDList": provider.client_ids,
                "ThumbprintList": provider.thumbprints,
                "CreateDate": provider.created_at.whole_seconds().aws_text(),
                "Tags": shown_tags(&provider.tags),
            })
        }),
        _ => return None,
    })
}

/// Carries out an operation that changes providers; `None` if it is another one.
pub fn write(world: &mut World, request: &AwsRequest) -> Option<Result<Value, Exception>> {
    Some(match request {
        AwsRequest::CreateOpenIDConnectProvider(input) => create(world, input),
        AwsRequest::DeleteOpenIDConnectProvider(input) => {
            // To delete what is not there is no error.
            if let Ok(url) = find(world, input).map(|(url, _)| url.clone()) {
                world.oidc_providers.remove(&url);
            }
            Ok(Value::Null)
        }
        AwsRequest::AddClientIDToOpenIDConnectProvider(input) => {
            let added = input.text("ClientID").unwrap_or_default().to_owned();
            let url = match find(world, input) {
                Ok((url, _)) => url.clone(),
                Err(refusal) => return Some(Err(refusal)),
            };
            let Some(provider) = world.oidc_providers.get_mut(&url).map(Rc::make_mut) else {
                return Some(Ok(Value::Null));
            };
            if provider.client_ids.contains(&added) {
                Ok(Value::Null)
            } else if provider.client_ids.len() >= MOST_CLIENTS {
                Err(Exception::over_quota("ClientIdsPerOpenIdConnectProvider", MOST_CLIENTS))
            } else {
                provider.client_ids.push(added);
                Ok(Value::Null)
            }
        }
        _ => return None,
    })
}

fn create(world: &mut World, input: &Members) -> Result<Value, Exception> {
    let url = input.text("Url").unwrap_or_default();
    let bare = url.strip_prefix("https://").filter(|rest| !rest.is_empty() && rest.len() <= 255);
    let bare = bare.filter(|rest| rest.bytes().all(|b| b.is_ascii_graphic()) && !rest.contains(['?', '#']));
    let bare = bare.ok_or_else(Exception::bad_oidc_url)?.trim_end_matches('/');
    if world.oidc_providers.contains_key(bare) {
        return Err(Exception::oidc_provider_exists(url));
    }
    let client_ids = input.texts("ClientIDList");
    let mut thumbprints = input.texts("ThumbprintList");
    if thumbprints.len() > MOST_THUMBPRINTS {
        return Err(Exception::too_many_thumbprints());
    }
    if client_ids.len() > MOST_CLIENTS {
        return Err(Exception::over_quota("ClientIdsPerOpenIdConnectProvider", MOST_CLIENTS));
    }
    if world.oidc_providers.len() >= MOST {
        return Err(Exception::over_quota("OpenIdConnectProvidersPerAccount", MOST));
    }
    if thumbprints.is_empty() {
        thumbprints.push(FOUND_THUMBPRINT.to_owned());
    }
    let mut answer = json!({ "OpenIDConnectProviderArn": arn(world, bare) });
    let tags = tags(input);
    if let (false, Some(members)) = (tags.is_empty(), answer.as_object_mut()) {
        members.insert("Tags".to_owned(), shown_tags(&tags));
    }
    let made = OidcProvider { client_ids, thumbprints, created_at: world.clock, tags };
    world.oidc_providers.insert(bare.to_owned(), Rc::new(made));
    Ok(answer)
}
