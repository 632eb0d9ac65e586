//! What the share dialog says of a link: how long it is, where it fits, its QR code, and texts to paste.

use qrcodegen::{QrCode, QrCodeEcc};

use super::access_path::AccessPath;
use super::question::Question;
use super::who::Who;
use crate::session::share::Asked;

/// A place where links are pasted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its name.
    pub name: &'static str,
    /// The most characters.
    pub most: usize,
}

/// Places, the narrowest first. A QR code holds more than this, but phones then need patience.
pub const PLACES: &[Place] = &[
    Place { name: "QR code", most: 700 },
    Place { name: "Text message", most: 1_500 },
    Place { name: "Discord", most: 2_000 },
    Place { name: "Slack", most: 4_000 },
    Place { name: "GitHub issue", most: 8_000 },
    Place { name: "Teams", most: 28_000 },
];

/// The places that a link of so many characters fits into, and the others.
pub fn places(length: usize) -> (Vec<&'static str>, Vec<&'static str>) {
    let (fitting, others): (Vec<&Place>, Vec<&Place>) = PLACES.iter().partition(|place| length <= place.most);
    let names = |places: Vec<&Place>| places.into_iter().map(|place| place.name).collect();
    (names(fitting), names(others))
}

/// A QR code as an image of black squares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Qr {
    /// Squares a side, with the white border that readers need.
    pub size: i32,
    /// The black squares as an SVG path.
    pub path: String,
}

/// White squares around a QR code.
const BORDER: i32 = 4;

/// The QR code of a text, unless it is too long for one.
pub fn qr(text: &str) -> Option<Qr> {
    let code = QrCode::encode_text(text, QrCodeEcc::Low).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let run = (x..code.size()).take_while(|x| code.get_module(*x, y)).count();
            let run = i32::try_from(run).unwrap_or(0);
            if run > 0 {
                path.push_str(&format!("M{} {}h{run}v1h-{run}z", x + BORDER, y + BORDER));
            }
            x += run.max(1);
        }
    }
    Some(Qr { size: code.size() + 2 * BORDER, path })
}

/// A link in Markdown.
pub fn markdown(title: &str, address: &str) -> String {
    format!("[{}]({address})", title.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]"))
}

/// A link in HTML.
pub fn anchor(title: &str, address: &str) -> String {
    format!("<a href=\"{}\">{}</a>", escape(address), escape(title))
}

/// A frame for other pages.
pub fn frame(title: &str, address: &str) -> String {
    format!(
        "<iframe src=\"{}\" title=\"{}\" width=\"100%\" height=\"720\" loading=\"lazy\" \
         sandbox=\"allow-scripts allow-same-origin allow-popups\"></iframe>",
        escape(address),
        escape(title)
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A decision with its reason: one question, to be pasted where somebody asks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The question.
    pub question: String,
    /// The answer.
    pub answer: &'static str,
    /// Why.
    pub reason: String,
}

/// The card of an answered question.
pub fn card(path: &AccessPath) -> Card {
    Card {
        question: format!("Can {} {}?", path.who, path.asked.words),
        answer: path.verdict.label(),
        reason: path.sentence.clone(),
    }
}

impl Card {
    /// Plain text.
    pub fn text(&self, address: &str) -> String {
        format!("{} {}.\n{}\n{address}\n", self.question, self.answer, self.reason)
    }

    /// Markdown.
    pub fn markdown(&self, address: &str) -> String {
        format!(
            "> **{}** {}.\n> {}\n> {}\n",
            self.question,
            self.answer,
            self.reason,
            markdown("See how it is decided", address)
        )
    }
}

/// A question as links carry it.
pub fn to_link(question: &Question) -> Asked {
    Asked {
        who: question.who.to_value(),
        verb: question.verb.clone(),
        resource: question.resource.clone(),
        namespace: question.namespace.clone(),
        name: question.name.clone(),
    }
}

/// The question that a link carries.
pub fn from_link(asked: &Asked) -> Question {
    Question {
        who: Who::from_value(&asked.who),
        verb: asked.verb.clone(),
        resource: asked.resource.clone(),
        name: asked.name.clone(),
        namespace: asked.namespace.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::scenario;
    use crate::view::access_path::answer;

    #[test]
    fn a_qr_code_has_its_finder_patterns_and_a_border() {
        let code = qr("https://example.org/#/?s=v2.abc").unwrap();
        assert!(code.path.starts_with("M4 4h7v1h-7z"), "{}", &code.path[..40]);
        assert_eq!((code.size - 8) % 4, 1);
        assert_eq!(qr(&"x".repeat(3_000)), None);
    }

    #[test]
    fn every_place_is_in_one_of_two_lists() {
        assert_eq!(places(1).1, [""; 0]);
        assert_eq!(places(5_000), (vec!["GitHub issue", "Teams"], vec!["QR code", "Text message", "Discord", "Slack"]));
        assert_eq!(places(100_000).0, [""; 0]);
    }

    #[test]
    fn snippets_keep_their_form_whatever_the_title() {
        assert_eq!(markdown("a [b] \\", "u"), "[a \\[b\\] \\\\](u)");
        assert_eq!(anchor("<b>\"x\"&", "u?a&b"), "<a href=\"u?a&amp;b\">&lt;b&gt;&quot;x&quot;&amp;</a>");
        assert!(frame("t\"", "u").contains("title=\"t&quot;\""));
    }

    #[test]
    fn a_card_has_question_answer_and_reason() {
        let now = scenario::walkthrough();
        let path = answer(&now, now.world.cluster("eks-demo-cluster").unwrap(), &Question::default());
        let text = card(&path).text("https://example.org/");
        assert!(text.starts_with("Can cluster-creator list pods"), "{text}");
        assert!(text.contains(&path.sentence) && text.ends_with("https://example.org/\n"), "{text}");
        assert!(card(&path).markdown("u").contains("(u)"));
    }

    #[test]
    fn questions_go_through_links() {
        let text = str::to_owned;
        let people = [
            Who::Current,
            Who::Profile(text("k8s-dev-demo")),
            Who::Principal(text("arn:aws:iam::1:user/x")),
            Who::ServiceAccount(text("dev"), text("ci")),
            Who::User(text("jane"), text("team:a, b")),
            Who::User(text("jane"), String::new()),
            Who::Group(text("oidc:team")),
        ];
        for who in people {
            let question = Question { who, name: "web".into(), ..Question::default() };
            assert_eq!(from_link(&to_link(&question)), question);
        }
    }
}
