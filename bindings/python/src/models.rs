//! The classes of objects. Their attributes come from the types of the core.

use pyo3::PyClassInitializer;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyModule, PyTuple};
use upscope::model::AttributeInfo;

use crate::api_object::{ApiObject, Attribute};
use crate::attribute_type::AttributeType;
use crate::catalog::MODELS;
use crate::exceptions;
use crate::json_scan::JsonObject;

/// A class of objects.
pub struct Model {
    pub name: &'static str,
    pub attributes: &'static [AttributeInfo],
    pub construct: fn(Python<'_>, JsonObject) -> PyResult<Py<PyAny>>,
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
    pub fn new_object(&self, py: Python<'_>, object: JsonObject) -> PyResult<Py<PyAny>> {
        (self.construct)(py, object)
    }

    pub fn new_list<'py>(&self, py: Python<'py>, objects: Vec<JsonObject>) -> PyResult<Bound<'py, PyList>> {
        let objects: PyResult<Vec<_>> = objects.into_iter().map(|object| self.new_object(py, object)).collect();
        PyList::new(py, objects?)
    }

    /// The class and the attributes that are present. Secrets are hidden.
    pub fn repr(&self, object: &JsonObject) -> String {
        let attributes = self.attributes.iter().filter_map(|attribute| {
            let json = object.get(attribute.name)?;
            let value = AttributeType::new(attribute.name, attribute.rust_type)?.repr(json)?;
            Some(format!("{}={value}", attribute.name))
        });
        format!("{}({})", self.name, attributes.collect::<Vec<_>>().join(", "))
    }

    /// The attributes as (name, annotation, description). The annotation is empty for an unknown type.
    pub fn describe_attributes(&self) -> Vec<(&'static str, String, &'static str)> {
        let describe = |attribute: &AttributeInfo| {
            let attribute_type = AttributeType::new(attribute.name, attribute.rust_type);
            (attribute.name, attribute_type.map_or_else(String::new, AttributeType::annotation), attribute.doc)
        };
        self.attributes.iter().map(describe).collect()
    }
}

/// Adds the classes to the module, and their attributes to the classes.
pub fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add_class::<ApiObject>()?;
    for model in all() {
        let class = (model.class)(py);
        for attribute in model.attributes {
            // An attribute of an unknown type is available in to_dict() only.
            if let Some(attribute_type) = AttributeType::new(attribute.name, attribute.rust_type)
                && !class.hasattr(attribute.name)?
            {
                let descriptor = Attribute::new(attribute.name, attribute.doc, attribute_type);
                class.setattr(attribute.name, descriptor.into_pyobject(py)?)?;
            }
        }
        module.add(model.name, class)?;
    }
    Ok(())
}

/// Defines a class for each of these types of the core.
macro_rules! models {
    ($( $(#[doc = $doc:literal])+ $name:ident, )*) => {
        $(
            $(#[doc = $doc])+
            #[pyclass(extends = $crate::api_object::ApiObject, frozen, module = "upscope")]
            pub struct $name;

            impl $crate::models::HasModel for upscope::model::$name {
                const MODEL: &'static $crate::models::Model = &$crate::models::Model {
                    name: stringify!($name),
                    attributes: upscope::model::$name::ATTRIBUTES,
                    construct: |py, object| {
                        let model = <upscope::model::$name as $crate::models::HasModel>::MODEL;
                        let base = $crate::api_object::ApiObject { object, model };
                        Ok(Py::new(py, pyo3::PyClassInitializer::from(base).add_subclass($name))?.into_any())
                    },
                    class: |py| py.get_type::<$name>().into_any(),
                };
            }
        )*

        /// Every class except `SessionPage`, which `models.rs` defines.
        pub static MODELS: &[&$crate::models::Model] =
            &[$( <upscope::model::$name as $crate::models::HasModel>::MODEL, )*];
    };
}

/// A type of the core that has a class in this package.
pub trait HasModel {
    const MODEL: &'static Model;
}

pub(crate) use models;

/// One page of sessions, from first to last. Iterating over a page yields its sessions.
#[pyclass(extends = ApiObject, frozen, module = "upscope")]
pub struct SessionPage {
    sessions: Py<PyTuple>,
}

const SESSION_PAGE: &Model = &Model {
    name: "SessionPage",
    attributes: upscope::model::SessionPage::ATTRIBUTES,
    construct: |py, object| {
        let (page, sessions) = JsonObject::parse_with_array(object.text().to_owned(), SESSIONS)
            .ok_or_else(|| exceptions::bad_response(py, "list_sessions"))?;
        new_page(py, page, sessions)
    },
    class: |py| py.get_type::<SessionPage>().into_any(),
};

/// The key of the sessions in the service's response.
const SESSIONS: &str = "cobrowsing_sessions";

/// A page, given its JSON and its sessions.
pub fn new_page(py: Python<'_>, object: JsonObject, sessions: Vec<JsonObject>) -> PyResult<Py<PyAny>> {
    let model = upscope::model::Session::MODEL;
    let sessions: PyResult<Vec<_>> = sessions.into_iter().map(|session| model.new_object(py, session)).collect();
    let page = SessionPage { sessions: PyTuple::new(py, sessions?)?.unbind() };
    let base = ApiObject { object, model: SESSION_PAGE };
    Ok(Py::new(py, PyClassInitializer::from(base).add_subclass(page))?.into_any())
}

impl HasModel for upscope::model::SessionPage {
    const MODEL: &'static Model = SESSION_PAGE;
}

#[pymethods]
impl SessionPage {
    /// The sessions.
    #[getter]
    fn sessions<'py>(&self, py: Python<'py>) -> Bound<'py, PyList> {
        self.sessions.bind(py).to_list()
    }

    /// The sessions, under the service's name.
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
