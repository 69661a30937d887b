//! The people in the sample data: visitors with their locations and devices, and agents.

/// Visitors' names, and the user names of their e-mail addresses.
pub(super) const NAMES: [(&str, &str); 25] = [
    ("Anna Schmidt", "anna.schmidt"),
    ("José García", "jose.garcia"),
    ("Дмитрий Иванов", "dmitry.ivanov"),
    ("王小明", "wang.xiaoming"),
    ("Zoë O'Brien-Łukasik", "zoe.obrien"),
    ("Chloé Lefèvre", "chloe.lefevre"),
    ("Fox 🦊 Mulder", "fox"),
    ("Nguyễn Thị Hạnh", "hanh.nguyen"),
    ("Søren Kierkegård", "soren"),
    ("李娜", "li.na"),
    ("Олена Шевченко", "olena.shevchenko"),
    ("محمد علي", "mohamed.ali"),
    ("Priya Raman", "priya.raman"),
    ("Jürgen Groß", "juergen.gross"),
    ("Mary \"Molly\" Malone", "molly.malone"),
    ("山田 太郎", "yamada.taro"),
    ("İbrahim Çelik", "ibrahim.celik"),
    ("Siân Wyn", "sian.wyn"),
    ("김민준", "kim.minjun"),
    ("Björk 👩🏽‍🚀 Jónsdóttir", "bjork"),
    ("Ana <Ana> & Co", "ana.co"),
    ("Γιώργος Παπαδόπουλος", "giorgos"),
    ("Oluwaseun Adébáyò", "oluwaseun"),
    ("דנה כהן", "dana.cohen"),
    ("Li", "li"),
];

/// The account's users: names and e-mail addresses.
pub(super) const USERS: [(&str, &str); 5] = [
    ("John Carter", "john@acme.example"),
    ("Renée Dupont", "renee@acme.example"),
    ("Светлана Орлова", "svetlana@acme.example"),
    ("Kofi Mensah", "kofi@acme.example"),
    ("陈伟", "chen.wei@acme.example"),
];

/// Ids and names.
pub(super) const EXTERNAL_AGENTS: [(&str, Option<&str>); 2] = [("ext-123", Some("Joe Smith")), ("ext-456", None)];

pub(super) struct City {
    pub(super) name: &'static str,
    pub(super) country: &'static str,
    pub(super) country_name: &'static str,
}

const fn city(name: &'static str, country: &'static str, country_name: &'static str) -> City {
    City { name, country, country_name }
}

pub(super) const CITIES: [City; 8] = [
    city("London", "GB", "United Kingdom"),
    city("São Paulo", "BR", "Brazil"),
    city("Köln", "DE", "Germany"),
    city("San José", "US", "United States"),
    city("Kraków", "PL", "Poland"),
    city("Tōkyō", "JP", "Japan"),
    city("Abidjan", "CI", "Côte d'Ivoire"),
    city("Київ", "UA", "Ukraine"),
];

type Device = (Option<&'static str>, Option<&'static str>, Option<&'static str>);

/// Device type, device name and browser.
pub(super) const DEVICES: [Device; 9] = [
    (Some("desktop"), Some("Macintosh"), Some("Safari")),
    (Some("desktop"), None, Some("Firefox")),
    (Some("mobile"), Some("iPhone"), Some("Mobile Safari")),
    (Some("tablet"), Some("iPad"), Some("Mobile Safari")),
    (Some("console"), Some("PlayStation 5"), None),
    (Some("smarttv"), Some("Bravia"), Some("Chrome")),
    (Some("wearable"), Some("Watch"), None),
    (Some("embedded"), None, None),
    (None, None, None),
];
