//! Tags and directives.

use super::{Kind, Scanned, Scanner, is_blank, is_break, is_word};

impl Scanner {
    pub(super) fn fetch_tag(&mut self) -> Scanned {
        self.save_key()?;
        self.key_allowed = false;
        let start = self.at;
        let (handle, suffix) = if self.char(1) == Some('<') {
            self.step(2);
            let uri = self.tag_uri("")?;
            if !self.is('>') {
                return Err(self.fault("did not find the expected '>'"));
            }
            self.step(1);
            (String::new(), uri)
        } else {
            let handle = self.tag_handle()?;
            if handle.len() > 1 && handle.ends_with('!') {
                (handle, self.tag_uri("")?)
            } else {
                let tag = self.tag_uri(&handle)?;
                match tag.strip_prefix('!') {
                    Some(suffix) if !suffix.is_empty() => ("!".to_owned(), suffix.to_owned()),
                    _ => (String::new(), tag),
                }
            }
        };
        if !self.is_space_at(0) {
            return Err(self.fault("did not find expected whitespace or line break"));
        }
        self.push(Kind::Tag(handle, suffix), start);
        Ok(())
    }

    /// `!`, `!!` or `!name!`; `!name` if no `!` follows.
    fn tag_handle(&mut self) -> Scanned<String> {
        if !self.is('!') {
            return Err(self.fault("did not find expected '!'"));
        }
        self.step(1);
        let mut handle = format!("!{}", self.take_while(is_word));
        if self.is('!') {
            self.step(1);
            handle.push('!');
        }
        Ok(handle)
    }

    fn tag_uri(&mut self, head: &str) -> Scanned<String> {
        let mut uri = head.as_bytes().to_vec();
        loop {
            let plain = self.take_while(|c| is_word(c) || ";/?:@&=+$,.!~*'()[]".contains(c));
            uri.extend_from_slice(plain.as_bytes());
            if !self.is('%') {
                break;
            }
            let digit =
                |ahead| self.char(ahead).and_then(|c| c.to_digit(16)).and_then(|digit| u8::try_from(digit).ok());
            match (digit(1), digit(2)) {
                (Some(high), Some(low)) => uri.push(high << 4 | low),
                _ => return Err(self.fault("did not find URI escaped octet")),
            }
            self.step(3);
        }
        if uri.is_empty() {
            return Err(self.fault("did not find expected tag URI"));
        }
        String::from_utf8(uri).map_err(|_| self.fault("found an incorrect leading UTF-8 octet"))
    }

    pub(super) fn fetch_directive(&mut self) -> Scanned {
        self.close_blocks(-1);
        self.drop_key()?;
        self.key_allowed = false;
        let start = self.at;
        self.step(1);
        let name = self.take_while(is_word);
        if name.is_empty() {
            return Err(self.fault("could not find expected directive name"));
        }
        if !self.is_space_at(0) {
            return Err(self.fault("found unexpected non-alphabetical character"));
        }
        let kind = match name.as_str() {
            "YAML" => {
                self.step_while(is_blank);
                let major = self.version_number()?;
                if !self.is('.') {
                    return Err(self.fault("did not find expected digit or '.' character"));
                }
                self.step(1);
                Kind::Version(major, self.version_number()?)
            }
            "TAG" => {
                self.step_while(is_blank);
                let handle = self.tag_handle()?;
                if handle.len() > 1 && !handle.ends_with('!') {
                    return Err(self.fault("did not find expected '!'"));
                }
                if !self.is_blank() {
                    return Err(self.fault("did not find expected whitespace"));
                }
                self.step_while(is_blank);
                let prefix = self.tag_uri("")?;
                if !self.is_space_at(0) {
                    return Err(self.fault("did not find expected whitespace or line break"));
                }
                Kind::TagPrefix(handle, prefix)
            }
            _ => return Err(self.fault("found unknown directive name")),
        };
        self.push(kind, start);
        self.skip_to_line_end()
    }

    fn version_number(&mut self) -> Scanned<String> {
        let number = self.take_while(|c| c.is_ascii_digit());
        match number.len() {
            0 => Err(self.fault("did not find expected version number")),
            1..=9 => Ok(number),
            _ => Err(self.fault("found extremely long version number")),
        }
    }

    /// After this only blanks and a comment may stand on the line.
    pub(super) fn skip_to_line_end(&mut self) -> Scanned {
        self.step_while(is_blank);
        if self.is('#') {
            self.step_while(|c| !is_break(c));
        }
        if !self.is_line_end() {
            return Err(self.fault("did not find expected comment or line break"));
        }
        self.take_break();
        Ok(())
    }
}
