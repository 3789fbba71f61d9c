//! Diagnostic notation (RFC 8949, section 8), with embedded CBOR as `<<…>>` (RFC 8610, G.3).

use ciborium::Value;
use weft_protocol::cbor;

use super::hex;
use super::payload::open;

/// Writes a whole record.
pub(super) fn message(record: &[u8]) -> String {
    let (key, payload, signature) = open(record);
    let payload: Value = cbor::from_bytes(&payload).expect("a good payload");
    let mut text = format!("18([<<{{1: -19, 4: h'{}'}}>>, {{}}, <<", hex(&key));
    value(&payload, &mut text);
    text + &format!(">>, h'{}'])", hex(&signature))
}

fn value(item: &Value, out: &mut String) {
    match item {
        Value::Integer(i) => out.push_str(&i128::from(*i).to_string()),
        Value::Bool(yes) => out.push_str(&yes.to_string()),
        Value::Bytes(bytes) => out.push_str(&format!("h'{}'", hex(bytes))),
        Value::Text(text) => {
            out.push_str(&serde_json::to_string(text).expect("a text has a JSON form"));
        }
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i == 0 { "" } else { ", " });
                value(item, out);
            }
            out.push(']');
        }
        Value::Map(pairs) => {
            out.push('{');
            for (i, (key, item)) in pairs.iter().enumerate() {
                out.push_str(if i == 0 { "" } else { ", " });
                value(key, out);
                out.push_str(": ");
                value(item, out);
            }
            out.push('}');
        }
        other => unreachable!("a good payload has no {other:?}"),
    }
}
