//! Reads Windows's proxy settings from the registry.

use std::ptr;

use windows_sys::Win32::Foundation::ERROR_SUCCESS;
use windows_sys::Win32::System::Registry::{
    HKEY, HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE, KEY_QUERY_VALUE, KEY_WOW64_64KEY, REG_DWORD, REG_EXPAND_SZ, REG_SZ,
    RegCloseKey, RegOpenKeyExW, RegQueryValueExW,
};

use crate::transport::proxy::system::Settings;

const SETTINGS: &str = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings";
const POLICIES: &str = r"Software\Policies\Microsoft\Windows\CurrentVersion\Internet Settings";

/// A list of exceptions may be long; nothing sensible is longer.
const MAX_BYTES: u32 = 64 * 1024;

pub(crate) fn read() -> Option<Settings> {
    // A policy may make the settings the computer's, the same for every user.
    let policies = Key::open(HKEY_LOCAL_MACHINE, POLICIES);
    let per_user = policies.and_then(|key| key.number("ProxySettingsPerUser"));
    let root = if per_user == Some(0) { HKEY_LOCAL_MACHINE } else { HKEY_CURRENT_USER };
    let key = Key::open(root, SETTINGS)?;
    Some(Settings {
        enabled: key.number("ProxyEnable").unwrap_or(0) != 0,
        server: key.text("ProxyServer"),
        exceptions: key.text("ProxyOverride"),
        script: key.text("AutoConfigURL"),
    })
}

/// An open key of the registry.
struct Key(HKEY);

#[allow(unsafe_code)]
impl Key {
    fn open(root: HKEY, path: &str) -> Option<Key> {
        let path = wide(path);
        let mut key = ptr::null_mut();
        // A 32-bit program would else see a copy of the computer's settings that nobody keeps up to date.
        let access = KEY_QUERY_VALUE | KEY_WOW64_64KEY;
        // SAFETY: the path ends with a NUL, and `key` may be written.
        let opened = unsafe { RegOpenKeyExW(root, path.as_ptr(), 0, access, &raw mut key) };
        (opened == ERROR_SUCCESS).then_some(Key(key))
    }

    /// The type of a value and its bytes.
    fn value(&self, name: &str) -> Option<(u32, Vec<u8>)> {
        let name = wide(name);
        let (mut kind, mut length) = (0, 0);
        // SAFETY: the key is open, the name ends with a NUL, and without a buffer only type and length are written.
        let asked = unsafe {
            RegQueryValueExW(self.0, name.as_ptr(), ptr::null(), &raw mut kind, ptr::null_mut(), &raw mut length)
        };
        if asked != ERROR_SUCCESS || length > MAX_BYTES {
            return None;
        }
        let mut bytes = vec![0; length as usize];
        // SAFETY: as above, and the buffer is as long as `length` says.
        let read = unsafe {
            RegQueryValueExW(self.0, name.as_ptr(), ptr::null(), &raw mut kind, bytes.as_mut_ptr(), &raw mut length)
        };
        // It may have become longer meanwhile.
        if read != ERROR_SUCCESS {
            return None;
        }
        bytes.truncate(length as usize);
        Some((kind, bytes))
    }

    fn number(&self, name: &str) -> Option<u32> {
        let (kind, bytes) = self.value(name)?;
        bytes.try_into().ok().map(u32::from_le_bytes).filter(|_| kind == REG_DWORD)
    }

    /// Empty when it is not set, or no text.
    fn text(&self, name: &str) -> String {
        let Some((REG_SZ | REG_EXPAND_SZ, bytes)) = self.value(name) else {
            return String::new();
        };
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        let end = units.iter().position(|unit| *unit == 0).unwrap_or(units.len());
        String::from_utf16_lossy(&units[..end])
    }
}

#[allow(unsafe_code)]
impl Drop for Key {
    fn drop(&mut self) {
        // SAFETY: it was opened by `open`, and is closed once.
        unsafe { RegCloseKey(self.0) };
    }
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}
