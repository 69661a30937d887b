//! Who visits, from where, with what; and who answers.

/// A name as people write it, and the local part of an e-mail address.
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

pub(super) const USERS: [(&str, &str); 5] = [
    ("John Carter", "john@acme.example"),
    ("Renée Dupont", "renee@acme.example"),
    ("Светлана Орлова", "svetlana@acme.example"),
    ("Kofi Mensah", "kofi@acme.example"),
    ("陈伟", "chen.wei@acme.example"),
];

pub(super) struct Place {
    pub(super) city: &'static str,
    pub(super) country: &'static str,
    pub(super) country_name: &'static str,
}

const fn place(city: &'static str, country: &'static str, country_name: &'static str) -> Place {
    Place { city, country, country_name }
}

pub(super) const CITIES: [Place; 8] = [
    place("London", "GB", "United Kingdom"),
    place("São Paulo", "BR", "Brazil"),
    place("Köln", "DE", "Germany"),
    place("San José", "US", "United States"),
    place("Kraków", "PL", "Poland"),
    place("Tōkyō", "JP", "Japan"),
    place("Abidjan", "CI", "Côte d'Ivoire"),
    place("Київ", "UA", "Ukraine"),
];

type Device = (Option<&'static str>, Option<&'static str>, Option<&'static str>);

/// Type, name and browser.
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
