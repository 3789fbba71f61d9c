//! A link as it comes out of a mail, a chat or a page: what these do to it is undone.
//!
//! **Invariant:** only what no link of ours can hold is dropped or read otherwise, so a link that was
//! not touched comes out as it went in; whether all of it is there, its checksum says.

use percent_encoding::percent_decode_str;

/// How often a link may have been wrapped into another: by a page, by who tracks its readers, and by
/// who forwards it.
const WRAPPINGS_MAX: usize = 3;

/// What pages and mails write for a letter that may stand in a link, or beside it.
const ENTITIES: &[(&str, &str)] = &[
    ("&amp;", "&"),
    ("&#38;", "&"),
    ("&#x26;", "&"),
    ("&#47;", "/"),
    ("&#x2f;", "/"),
    ("&#x2F;", "/"),
    ("&#61;", "="),
    ("&#x3d;", "="),
    ("&#x3D;", "="),
    ("&quot;", ""),
    ("&apos;", ""),
    ("&#39;", ""),
    ("&lt;", ""),
    ("&gt;", ""),
    ("&nbsp;", ""),
];

/// The letters of a link that are neither letters nor digits.
const MARKS: &str = ":/?=&.-_~+";

/// Names of parts that are added to links to tell who followed them: by campaigns, by the large
/// platforms, and by their pages that stand between a link and where it leads.
const TRACKERS: &[&str] = &[
    "_hsenc",
    "_hsmi",
    "dclid",
    "fbclid",
    "gbraid",
    "gclid",
    "h",
    "igsh",
    "igshid",
    "li_fat_id",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "msclkid",
    "ref",
    "ref_src",
    "ref_url",
    "sa",
    "si",
    "source",
    "spm",
    "ttclid",
    "twclid",
    "usg",
    "ust",
    "ved",
    "wbraid",
    "yclid",
];

/// Returns the link that a text holds, without what was put around it and into it.
pub(crate) fn bare(text: &str) -> String {
    let mut text = text.to_owned();
    if text.contains("=3D") {
        // Quoted-printable (RFC 2045): a line that goes on ends with '='.
        text = text.replace("=\r\n", "").replace("=\n", "").replace("=3D", "=");
    }
    text.retain(|c| !c.is_whitespace() && !c.is_control());
    for _ in 0..WRAPPINGS_MAX {
        for (theirs, ours) in ENTITIES {
            text = text.replace(theirs, ours);
        }
        text = percent_decode_str(&text).decode_utf8_lossy().into_owned();
    }
    // What writes for people makes other dashes of ours.
    text = text.replace(|c| matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}'), "-");
    text.retain(|c| c.is_alphanumeric() || MARKS.contains(c));
    text
}

/// Says whether a part of this name was put into the link to follow its readers.
pub(crate) fn is_tracker(name: &str) -> bool {
    name.starts_with("utm_") || TRACKERS.contains(&name)
}
