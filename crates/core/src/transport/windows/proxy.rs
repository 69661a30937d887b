//! Reads the proxy settings of Windows from the registry.

use std::ptr;

use windows_sys::Win32::Foundation::ERROR_SUCCESS;
use windows_sys::Win32::System::Registry::{
    HKEY, HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE, KEY_QUERY_VALUE, KEY_WOW64_64KEY, REG_DWORD, REG_EXPAND_SZ, REG_SZ,
    RegCloseKey, RegOpenKeyExW, RegQueryValueExW,
};

use crate::transport::proxy::system::SystemProxySettings;

const SETTINGS: &str = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings";
const POLICIES: &str = r"Software\Policies\Microsoft\Windows\CurrentVersion\Internet Settings";

/// Maximum size of a value. A list of exceptions can be long, but not longer than this.
const MAX_BYTES: u32 = 64 * 1024;

/// The settings of this user. None if they cannot be read.
pub(crate) fn read_settings() -> Option<SystemProxySettings> {
    // A policy can make the settings apply to the whole computer.
    let policies = Key::open(HKEY_LOCAL_MACHINE, POLICIES);
    let per_user = policies.and_then(|key| key.number("ProxySettingsPerUser"));
    let root = if per_user == Some(0) { HKEY_LOCAL_MACHINE } else { HKEY_CURRENT_USER };
    let key = Key::open(root, SETTINGS)?;
    Some(SystemProxySettings {
        enabled: key.number("ProxyEnable").unwrap_or(0) != 0,
        server: key.text("ProxyServer"),
        exceptions: key.text("ProxyOverride"),
        script: key.text("AutoConfigURL"),
    })
}

/// An open registry key.
struct Key(HKEY);

#[allow(unsafe_code)]
impl Key {
    fn open(root: HKEY, path: &str) -> Option<Key> {
        let path = utf16(path);
        let mut key = ptr::null_mut();
        // Without this flag, a 32-bit program sees a copy of the computer's settings that is not kept up to date.
        let access = KEY_QUERY_VALUE | KEY_WOW64_64KEY;
        // SAFETY: the path is NUL-terminated, and `key` is writable.
        let opened = unsafe { RegOpenKeyExW(root, path.as_ptr(), 0, access, &raw mut key) };
        (opened == ERROR_SUCCESS).then_some(Key(key))
    }

    /// The type and the bytes of a value.
    fn value(&self, name: &str) -> Option<(u32, Vec<u8>)> {
        let name = utf16(name);
        let (mut kind, mut length) = (0, 0);
        // SAFETY: the key is open, the name is NUL-terminated, and without a buffer only type and length are written.
        let status = unsafe {
            RegQueryValueExW(self.0, name.as_ptr(), ptr::null(), &raw mut kind, ptr::null_mut(), &raw mut length)
        };
        if status != ERROR_SUCCESS || length > MAX_BYTES {
            return None;
        }
        let mut bytes = vec![0; length as usize];
        // SAFETY: as above, and the buffer has `length` bytes.
        let status = unsafe {
            RegQueryValueExW(self.0, name.as_ptr(), ptr::null(), &raw mut kind, bytes.as_mut_ptr(), &raw mut length)
        };
        // Fails if the value has become longer since.
        if status != ERROR_SUCCESS {
            return None;
        }
        bytes.truncate(length as usize);
        Some((kind, bytes))
    }

    fn number(&self, name: &str) -> Option<u32> {
        let (kind, bytes) = self.value(name)?;
        bytes.try_into().ok().map(u32::from_le_bytes).filter(|_| kind == REG_DWORD)
    }

    /// Empty if the value is not set or not a string.
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
        // SAFETY: `open` opened the key, and it is closed only here.
        unsafe { RegCloseKey(self.0) };
    }
}

fn utf16(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}
