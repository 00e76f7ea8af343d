use std::iter::Peekable;
use std::str::CharIndices;

/// What a piece of Rust source is, as far as the checks care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Text,
    Mark,
    Comment,
}

/// A piece of Rust source; the text of a string literal is without its quotes.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) text: String,
    pub(super) line: usize,
}

impl Token {
    pub(super) fn is(&self, text: &str) -> bool {
        matches!(self.kind, Kind::Word | Kind::Mark) && self.text == text
    }
}

/// Splits Rust source into words, string literals, marks (`::` is one) and comments.
pub(super) fn tokens(source: &str) -> Vec<Token> {
    Lexer { source, chars: source.char_indices().peekable(), line: 1, found: Vec::new() }.run()
}

struct Lexer<'a> {
    source: &'a str,
    chars: Peekable<CharIndices<'a>>,
    line: usize,
    found: Vec<Token>,
}

impl Lexer<'_> {
    fn run(mut self) -> Vec<Token> {
        while let Some(&(at, c)) = self.chars.peek() {
            let line = self.line;
            let rest = &self.source[at..];
            if c.is_whitespace() {
                self.advance(c.len_utf8());
            } else if rest.starts_with("//") {
                self.take(Kind::Comment, rest.find('\n').unwrap_or(rest.len()), line);
            } else if rest.starts_with("/*") {
                self.take(Kind::Comment, block_comment(rest), line);
            } else if let Some((open, close)) = string_quotes(rest) {
                self.string(rest, open, &close, line);
            } else if c == '\'' {
                self.advance(quoted_char(rest));
            } else if c.is_alphanumeric() || c == '_' {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                self.take(Kind::Word, end, line);
            } else {
                self.take(Kind::Mark, if rest.starts_with("::") { 2 } else { c.len_utf8() }, line);
            }
        }
        self.found
    }

    fn string(&mut self, rest: &str, open: usize, close: &str, line: usize) {
        let body = &rest[open..];
        let raw = close.len() > 1 || rest[..open].contains('r');
        let end = if raw { body.find(close).unwrap_or(body.len()) } else { escaped_end(body) };
        self.found.push(Token { kind: Kind::Text, text: body[..end].to_owned(), line });
        self.advance((open + end + close.len()).min(rest.len()));
    }

    fn take(&mut self, kind: Kind, bytes: usize, line: usize) {
        let at = self.chars.peek().map_or(self.source.len(), |(at, _)| *at);
        self.found.push(Token { kind, text: self.source[at..at + bytes].to_owned(), line });
        self.advance(bytes);
    }

    fn advance(&mut self, bytes: usize) {
        let Some(&(start, _)) = self.chars.peek() else { return };
        while let Some(&(at, c)) = self.chars.peek() {
            if at >= start + bytes {
                break;
            }
            self.line += usize::from(c == '\n');
            self.chars.next();
        }
    }
}

/// The length of the opening of a string literal, and its closing.
fn string_quotes(rest: &str) -> Option<(usize, String)> {
    let prefix = rest.find(|c: char| !matches!(c, 'b' | 'c' | 'r'))?;
    let hashes = rest[prefix..].chars().take_while(|c| *c == '#').count();
    let raw = rest[..prefix].ends_with('r');
    let quoted = rest[prefix + hashes..].starts_with('"') && prefix <= 2 && (raw || hashes == 0);
    quoted.then(|| (prefix + hashes + 1, format!("\"{}", "#".repeat(hashes))))
}

fn escaped_end(body: &str) -> usize {
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        match c {
            '"' if !escaped => return at,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    body.len()
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// The length of a character literal, or of the quote that starts a lifetime.
fn quoted_char(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some((at, escaped))) => {
            let after = at + escaped.len_utf8();
            after + rest[after..].find('\'').map_or(0, |quote| quote + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

#[test]
fn the_lexer_tells_code_from_text_and_comments() {
    let source = "let a = \"x // \\\" y\"; // say\nlet b: &'a str = r#\"q\"z\"#; let c = '\"'; let d = '\\''; /* n /* m */ */ b\"k\"";
    let all = tokens(source);
    let texts: Vec<&str> = all.iter().filter(|t| t.kind == Kind::Text).map(|t| t.text.as_str()).collect();
    assert_eq!(texts, ["x // \\\" y", "q\"z", "k"]);
    let comments: Vec<(&str, usize)> = all.iter().filter(|t| t.kind == Kind::Comment).map(|t| (t.text.as_str(), t.line)).collect();
    assert_eq!(comments, [("// say", 1), ("/* n /* m */ */", 2)]);
}
