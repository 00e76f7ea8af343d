use std::time::SystemTime;

use lettre::Message;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};

use super::mailer::SendError;
use super::store::Letter;
use super::template::Template;

/// The whole mail: both languages, in text and HTML. The same letter always becomes the same bytes.
pub(super) fn compose(letter: &Letter, from: &Mailbox, encoding: ContentTransferEncoding) -> Result<Message, SendError> {
    let unsendable = |what: &str| SendError::Unsendable(what.to_owned());
    let template = Template::parse(&letter.template).ok_or_else(|| unsendable("no such template"))?;
    let to = letter.recipient.expose().parse().map_err(|_| unsendable("the recipient is not a mail address"))?;
    let bodies =
        template.render(&letter.variables).map_err(|error| unsendable(&format!("the template cannot be filled: {}", error.kind())))?;
    let alternatives = MultiPart::alternative()
        .boundary(format!("payctl-{}", letter.notification_id.simple()))
        .singlepart(part(ContentType::TEXT_PLAIN, bodies.text, encoding)?)
        .singlepart(part(ContentType::TEXT_HTML, bodies.html, encoding)?);
    Message::builder()
        .message_id(Some(letter.message_id.clone()))
        .date(SystemTime::from(letter.created_at))
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(template.subject())
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
        .multipart(alternatives)
        .map_err(|_| unsendable("the mail cannot be put together"))
}

/// A text that does not fit the encoding, by a line that is too long, is sent in base 64.
fn part(content_type: ContentType, text: String, encoding: ContentTransferEncoding) -> Result<SinglePart, SendError> {
    let body = Body::new_with_encoding(text.clone(), encoding)
        .or_else(|_| Body::new_with_encoding(text, ContentTransferEncoding::Base64))
        .map_err(|_| SendError::Unsendable("the text cannot be encoded".to_owned()))?;
    Ok(SinglePart::builder().header(content_type).body(body))
}
