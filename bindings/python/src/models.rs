//! The classes of objects, from the core's types: their attributes are the core's, none is named here.

use pyo3::PyClassInitializer;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyModule, PyTuple};
use upscope::model::AttributeInfo;

use crate::api_object::{ApiObject, Attribute};
use crate::attribute_type::AttributeType;
use crate::catalog::MODELS;
use crate::exceptions;
use crate::json_scan::Object;

/// A class of objects.
pub struct Model {
    pub name: &'static str,
    pub attributes: &'static [AttributeInfo],
    pub construct: fn(Python<'_>, Object) -> PyResult<Py<PyAny>>,
    pub class: for<'py> fn(Python<'py>) -> Bound<'py, PyAny>,
}

/// The class of this name.
pub fn find(name: &str) -> Option<&'static Model> {
    all().find(|model| model.name == name)
}

fn all() -> impl Iterator<Item = &'static Model> {
    MODELS.iter().copied().chain([SESSION_PAGE])
}

impl Model {
    pub fn make(&self, py: Python<'_>, object: Object) -> PyResult<Py<PyAny>> {
        (self.construct)(py, object)
    }

    pub fn make_list<'py>(&self, py: Python<'py>, objects: Vec<Object>) -> PyResult<Bound<'py, PyList>> {
        let made: PyResult<Vec<_>> = objects.into_iter().map(|object| self.make(py, object)).collect();
        PyList::new(py, made?)
    }

    /// The class and the attributes that are there, secrets hidden.
    pub fn repr(&self, object: &Object) -> String {
        let shown = self.attributes.iter().filter_map(|attribute| {
            let json = object.get(attribute.name)?;
            let value = AttributeType::new(attribute.name, attribute.rust_type)?.show(json)?;
            Some(format!("{}={value}", attribute.name))
        });
        format!("{}({})", self.name, shown.collect::<Vec<_>>().join(", "))
    }

    /// The attributes as (name, annotation, meaning). The annotation is empty for a type that is not known here.
    pub fn described(&self) -> Vec<(&'static str, String, &'static str)> {
        let described = self.attributes.iter().map(|attribute| {
            let attribute_type = AttributeType::new(attribute.name, attribute.rust_type);
            (attribute.name, attribute_type.map_or_else(String::new, AttributeType::annotation), attribute.doc)
        });
        described.collect()
    }
}

/// Adds the classes to the module, and their attributes to the classes.
pub fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add_class::<ApiObject>()?;
    for model in all() {
        let class = (model.class)(py);
        for attribute in model.attributes {
            // An attribute of a type that this package does not know yet stays in to_dict().
            if let Some(attribute_type) = AttributeType::new(attribute.name, attribute.rust_type)
                && !class.hasattr(attribute.name)?
            {
                let made = Attribute::new(attribute.name, attribute.doc, attribute_type);
                class.setattr(attribute.name, made.into_pyobject(py)?)?;
            }
        }
        module.add(model.name, class)?;
    }
    Ok(())
}

/// A class of the package for each of these types of the core.
macro_rules! models {
    ($( $(#[doc = $doc:literal])+ $name:ident, )*) => {
        $(
            $(#[doc = $doc])+
            #[pyclass(extends = $crate::api_object::ApiObject, frozen, module = "upscope")]
            pub struct $name;

            impl $crate::models::Modelled for upscope::model::$name {
                const MODEL: &'static $crate::models::Model = &$crate::models::Model {
                    name: stringify!($name),
                    attributes: upscope::model::$name::ATTRIBUTES,
                    construct: |py, object| {
                        let model = <upscope::model::$name as $crate::models::Modelled>::MODEL;
                        let base = $crate::api_object::ApiObject { object, model };
                        Ok(Py::new(py, pyo3::PyClassInitializer::from(base).add_subclass($name))?.into_any())
                    },
                    class: |py| py.get_type::<$name>().into_any(),
                };
            }
        )*

        /// Every class but that of pages, which `models.rs` has.
        pub static MODELS: &[&$crate::models::Model] =
            &[$( <upscope::model::$name as $crate::models::Modelled>::MODEL, )*];
    };
}

/// A type of the core that has a class here.
pub trait Modelled {
    const MODEL: &'static Model;
}

pub(crate) use models;

/// One page of sessions, from first to last. Iterating over it gives its sessions.
#[pyclass(extends = ApiObject, frozen, module = "upscope")]
pub struct SessionPage {
    sessions: Py<PyTuple>,
}

const SESSION_PAGE: &Model = &Model {
    name: "SessionPage",
    attributes: upscope::model::SessionPage::ATTRIBUTES,
    construct: |py, object| {
        let (page, sessions) = Object::with_objects(object.text().to_owned(), SESSIONS)
            .ok_or_else(|| exceptions::unfit(py, "list_sessions"))?;
        make_page(py, page, sessions)
    },
    class: |py| py.get_type::<SessionPage>().into_any(),
};

/// The key of the sessions in the service's answer.
const SESSIONS: &str = "cobrowsing_sessions";

/// A page from its text and its sessions.
pub fn make_page(py: Python<'_>, object: Object, sessions: Vec<Object>) -> PyResult<Py<PyAny>> {
    let session = upscope::model::Session::MODEL;
    let made: PyResult<Vec<_>> = sessions.into_iter().map(|object| session.make(py, object)).collect();
    let page = SessionPage { sessions: PyTuple::new(py, made?)?.unbind() };
    let base = ApiObject { object, model: SESSION_PAGE };
    Ok(Py::new(py, PyClassInitializer::from(base).add_subclass(page))?.into_any())
}

impl Modelled for upscope::model::SessionPage {
    const MODEL: &'static Model = SESSION_PAGE;
}

#[pymethods]
impl SessionPage {
    /// The sessions.
    #[getter]
    fn sessions<'py>(&self, py: Python<'py>) -> Bound<'py, PyList> {
        self.sessions.bind(py).to_list()
    }

    /// The sessions, under the service's name for them.
    #[getter]
    fn cobrowsing_sessions<'py>(&self, py: Python<'py>) -> Bound<'py, PyList> {
        self.sessions(py)
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.sessions.bind(py).try_iter()?.into_any())
    }

    fn __len__(&self, py: Python<'_>) -> usize {
        self.sessions.bind(py).len()
    }
}
