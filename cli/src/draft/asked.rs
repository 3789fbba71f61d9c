//! What a person is asked before something is signed that they may not mean.

use anyhow::Result;
use serde_json::Value;
use weft_protocol::control::NodeStatus;
use weft_protocol::id::RecordId;
use weft_protocol::record::{Draft, Reach};

use super::Pen;
use crate::commands::network;
use crate::examine::WrongClock;
use crate::input::private;
use crate::show;
use crate::words::{Condition, Say};

impl Pen<'_> {
    /// Asks whether a draft is meant to be dated by a clock that others contradict: they would hold it
    /// back, or take it for over.
    ///
    /// # Errors
    /// When it is not, or there is nobody to ask.
    pub(super) fn mind_the_clock(&self, draft: &Draft) -> Result<()> {
        if self.is_dry() || self.minded.replace(true) {
            return Ok(());
        }
        let (now, status) = (self.desk.now(), self.door.status()?);
        self.be_at_home(draft, &status)?;
        let Some(wrong) = WrongClock::of(now, &status) else { return Ok(()) };
        let (until, size) = (draft.header.until, wrong.ahead.size());
        let over = !wrong.ahead.is_ahead() && until <= now + size;
        self.desk.confirm(&Say::Condition(Condition::ClockMinded { wrong, over }))
    }

    /// Lets the network that is about to speak with its own key live on the node of this home: where its
    /// key is, it is at home.
    fn be_at_home(&self, draft: &Draft, status: &NodeStatus) -> Result<()> {
        let net = draft.header.net.filter(|net| !status.hosted.contains(net));
        if net.is_some() && draft.header.role.is_none() {
            network::adopt_ours(self.desk, &self.door)?;
        }
        Ok(())
    }

    /// Asks whether a person's contact details are meant to be public.
    ///
    /// # Errors
    /// When they are not, or there is nobody to ask.
    pub(crate) fn warn_of_contacts(&self, draft: &Draft) -> Result<()> {
        let public = draft.header.home.as_ref().is_some_and(|home| home.reach != Reach::Own);
        let mut texts = Vec::new();
        sentences(&show::json::body(&draft.body), &mut texts);
        let found: Vec<&str> = texts.iter().flat_map(|text| private::contacts(text)).collect();
        if !public || found.is_empty() {
            return Ok(());
        }
        self.desk.confirm(&Say::ContactsFound { found: found.join(", ") })
    }
}

/// Where bodies have what nobody can read whom it is not for, and what has a form of its own in which
/// no person can be reached: rules, zones, places.
const NO_WORDS: [&str; 6] = ["sealed", "contact", "rrule", "zone", "place", "places"];

/// Collects what a body says in words, without ids, links and addresses.
fn sentences(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) if text.contains("://") || text.starts_with('/') => {}
        // Eight figures in a row of an id are nobody's telephone.
        Value::String(text) if text.parse::<RecordId>().is_ok() => {}
        Value::String(text) => into.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| sentences(item, into)),
        Value::Object(map) => {
            let said = map.iter().filter(|(key, _)| !NO_WORDS.contains(&key.as_str()));
            said.for_each(|(_, item)| sentences(item, into));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_id_with_many_figures_in_a_row_is_no_telephone_number() {
        let id = "4cp4bmjpucri2d3mzpfcsisrrhmz5kkelbzili4ac32572623tea";
        let body = json!({ "to": { "thing": id }, "text": { "en": "call 020 7946 0991" } });
        let mut texts = Vec::new();
        sentences(&body, &mut texts);
        assert!(id.parse::<RecordId>().is_ok() && !private::contacts(id).is_empty());
        assert_eq!(texts, ["call 020 7946 0991"]);
    }
}
