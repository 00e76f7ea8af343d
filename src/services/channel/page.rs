use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::Environment;
use minijinja::value::{Serde, Value as Template};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::domain::{Money, PaymentStatus};

use super::checkout::{Shown, Stage};
use super::client::GatewayPayment;

const TEMPLATE: &str = "checkout.html";
const CSS: &str = include_str!("templates/checkout.css");
/// The script that mounts Stripe's Payment Element.
pub(super) const ELEMENT_JS: &str = include_str!("templates/element.js");
/// The sandbox settles within moments; a real channel may take days.
const SANDBOX_REFRESH_S: u32 = 1;
const LIVE_REFRESH_S: u32 = 5;
const TROUBLE_REFRESH_S: u32 = 5;

/// Renders the checkout page. What it may load is fixed by the policy that goes with it.
pub(super) struct Pages {
    templates: Environment<'static>,
    policy: String,
    /// With a real key; the sandbox needs no script.
    publishable_key: Option<String>,
}

/// The page cannot be written; the template is part of the program, so this is a mistake in it.
#[derive(Debug, thiserror::Error)]
#[error("the checkout page cannot be rendered")]
pub(super) struct RenderError(#[source] minijinja::Error);

impl From<minijinja::Error> for RenderError {
    fn from(error: minijinja::Error) -> Self {
        Self(error)
    }
}

/// A page without a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notice {
    NotFound,
    Trouble,
    Refused,
}

#[derive(Serialize)]
struct View<'a> {
    state: &'static str,
    title: &'static str,
    title_zh: &'static str,
    note: &'static str,
    note_zh: &'static str,
    css: Template,
    refresh_s: Option<u32>,
    payment: Option<PaymentView<'a>>,
    buttons: bool,
    element: Option<Element<'a>>,
    return_url: Option<&'a str>,
}

#[derive(Serialize)]
struct PaymentView<'a> {
    payment_no: &'a str,
    order_no: &'a str,
    description: Option<&'a str>,
    amount: String,
}

#[derive(Serialize)]
struct Element<'a> {
    publishable_key: &'a str,
    client_secret: &'a str,
}

/// State, title and note, in English and Chinese.
#[derive(Clone, Copy)]
struct Words(&'static str, [&'static str; 2], [&'static str; 2]);

impl Pages {
    /// The pages of the sandbox, or with a publishable key those of Stripe.
    pub(super) fn new(publishable_key: Option<String>) -> Result<Self, RenderError> {
        let mut templates = Environment::new();
        templates.add_template(TEMPLATE, include_str!("templates/checkout.html"))?;
        let policy = policy(publishable_key.is_some());
        Ok(Self { templates, policy, publishable_key })
    }

    /// The `Content-Security-Policy` of every page.
    pub(super) fn policy(&self) -> &str {
        &self.policy
    }

    /// The page of a payment.
    pub(super) fn payment(&self, shown: &Shown) -> Result<String, RenderError> {
        let Shown { payment, stage } = shown;
        let mut view = view_of(words(stage));
        view.payment = Some(payment_view(payment));
        match stage {
            Stage::Ready(intent) => {
                view.element = match (&self.publishable_key, &intent.client_secret) {
                    (Some(publishable_key), Some(secret)) => Some(Element { publishable_key, client_secret: secret.expose() }),
                    _ => None,
                };
                view.buttons = self.publishable_key.is_none();
            }
            Stage::Waiting(_) => view.refresh_s = Some(if self.publishable_key.is_none() { SANDBOX_REFRESH_S } else { LIVE_REFRESH_S }),
            Stage::Settled(_) => view.return_url = payment.return_url.as_deref().filter(|url| is_web_url(url)),
        }
        self.render(&view)
    }

    /// A page that tells why there is no payment to show.
    pub(super) fn notice(&self, notice: Notice) -> Result<String, RenderError> {
        let mut view = view_of(match notice {
            Notice::NotFound => NOT_FOUND,
            Notice::Trouble => TROUBLE,
            Notice::Refused => REFUSED,
        });
        view.refresh_s = (notice == Notice::Trouble).then_some(TROUBLE_REFRESH_S);
        self.render(&view)
    }

    fn render(&self, view: &View<'_>) -> Result<String, RenderError> {
        Ok(self.templates.get_template(TEMPLATE)?.render(Serde(view))?)
    }
}

const NOT_FOUND: Words = Words(
    "trouble",
    ["Payment not found", "支付不存在"],
    ["Check the link, or ask the merchant for a new one.", "请检查链接，或向商家索取新的链接。"],
);
const TROUBLE: Words = Words(
    "trouble",
    ["Temporarily unavailable", "暂时无法使用"],
    ["You were not charged by this page. It tries again by itself.", "本页面未发生扣款，稍后会自动重试。"],
);
const REFUSED: Words = Words(
    "trouble",
    ["This payment cannot be taken", "无法受理此支付"],
    ["The payment provider refused it. Please ask the merchant.", "支付渠道拒绝了此支付，请联系商家。"],
);

const fn words(stage: &Stage) -> Words {
    match stage {
        Stage::Ready(_) => Words("ready", ["Payment", "付款"], ["Please check the amount.", "请核对金额。"]),
        Stage::Settled(PaymentStatus::Success) => Words("success", ["Paid", "支付成功"], ["Thank you.", "谢谢。"]),
        Stage::Settled(PaymentStatus::Failed) => Words("failed", ["Declined", "支付失败"], ["You were not charged.", "未发生扣款。"]),
        Stage::Settled(PaymentStatus::Cancelled) => Words("cancelled", ["Cancelled", "已取消"], ["You were not charged.", "未发生扣款。"]),
        Stage::Settled(PaymentStatus::Expired) => {
            Words("expired", ["Expired", "已过期"], ["Nobody paid in time. You were not charged.", "未在规定时间内支付，未发生扣款。"])
        }
        Stage::Waiting(_) | Stage::Settled(PaymentStatus::Pending | PaymentStatus::Processing) => Words(
            "processing",
            ["Processing", "处理中"],
            ["This page refreshes by itself. Please do not pay again.", "页面会自动刷新，请勿重复支付。"],
        ),
    }
}

fn view_of(words: Words) -> View<'static> {
    let Words(state, [title, title_zh], [note, note_zh]) = words;
    let css = Template::from_safe_string(CSS.to_owned());
    View { state, title, title_zh, note, note_zh, css, refresh_s: None, payment: None, buttons: false, element: None, return_url: None }
}

fn payment_view(payment: &GatewayPayment) -> PaymentView<'_> {
    PaymentView {
        payment_no: &payment.payment_no,
        order_no: &payment.order_no,
        description: payment.description.as_deref(),
        amount: Money::new(payment.amount, payment.currency).to_string(),
    }
}

/// Escaping does not stop a `javascript:` address, so only what leads to a site is linked.
fn is_web_url(url: &str) -> bool {
    let lower = url.get(..8).unwrap_or(url).to_ascii_lowercase();
    lower.starts_with("https://") || lower.starts_with("http://")
}

/// Nothing is allowed but what the page needs; the one style sheet is named by its hash.
fn policy(has_script: bool) -> String {
    let style = format!("'sha256-{}'", STANDARD.encode(Sha256::digest(CSS.as_bytes())));
    let script = if has_script {
        "; script-src 'self' https://js.stripe.com https://*.js.stripe.com; frame-src https://js.stripe.com https://*.js.stripe.com \
         https://hooks.stripe.com; connect-src https://api.stripe.com; img-src data: https://*.stripe.com"
    } else {
        "; img-src data:"
    };
    format!("default-src 'none'; style-src {style}{script}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
}
