//! The classes of objects. Their attributes come from the types of the core.

use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyModule, PyTuple};
use pyo3::{PyClassInitializer, PyTraverseError, PyVisit};
use upscope::model::AttributeInfo;

use crate::api_object::{ApiObject, Attribute};
use crate::attribute_type::AttributeType;
use crate::catalog::MODELS;
use crate::exceptions;
use crate::finalize_gate;
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
        let annotations = PyDict::new(py);
        for attribute in model.attributes {
            // An attribute of an unknown type is available in to_dict() only.
            let Some(attribute_type) = AttributeType::new(attribute.name, attribute.rust_type) else {
                continue;
            };
            let annotation = attribute_type.runtime_annotation();
            // Attributes with a method of their own are never None.
            if class.hasattr(attribute.name)? {
                annotations.set_item(attribute.name, annotation)?;
            } else {
                annotations.set_item(attribute.name, format!("{annotation} | None"))?;
                let descriptor = Attribute::new(attribute.name, attribute.doc, attribute_type);
                class.setattr(attribute.name, descriptor.into_pyobject(py)?)?;
            }
        }
        class.setattr("__annotations__", annotations)?;
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
    /// Given this page, fetches the next one. None if no client fetched this page.
    fetch_next: Mutex<Option<Py<PyAny>>>,
}

const SESSION_PAGE: &Model = &Model {
    name: "SessionPage",
    attributes: upscope::model::SessionPage::ATTRIBUTES,
    construct: |py, object| {
        let (page, sessions) = JsonObject::parse_with_array(object.text().to_owned(), SESSIONS)
            .ok_or_else(|| exceptions::invalid_argument(py, None, NO_SESSIONS.to_owned(), None))?;
        new_page(py, page, sessions)
    },
    class: |py| py.get_type::<SessionPage>().into_any(),
};

/// The key of the sessions in the service's response.
const SESSIONS: &str = "cobrowsing_sessions";

const NO_SESSIONS: &str = "The page has no array \"cobrowsing_sessions\" of objects.";

/// A page, given its JSON and its sessions.
pub fn new_page(py: Python<'_>, object: JsonObject, sessions: Vec<JsonObject>) -> PyResult<Py<PyAny>> {
    let model = upscope::model::Session::MODEL;
    let sessions: PyResult<Vec<_>> = sessions.into_iter().map(|session| model.new_object(py, session)).collect();
    let page = SessionPage { sessions: PyTuple::new(py, sessions?)?.unbind(), fetch_next: Mutex::new(None) };
    let base = ApiObject { object, model: SESSION_PAGE };
    Ok(Py::new(py, PyClassInitializer::from(base).add_subclass(page))?.into_any())
}

const NO_CLIENT: &str = "No client fetched this page, so that it has no next page: use \
    client.list_sessions(after_id=page.last_id).";

impl SessionPage {
    // Held only while the thread is attached, and released before it runs Python code.
    fn lock_fetch_next(&self) -> MutexGuard<'_, Option<Py<PyAny>>> {
        self.fetch_next.lock().unwrap_or_else(PoisonError::into_inner)
    }
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

    fn __reversed__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.sessions(py).call_method0("__reversed__")
    }

    /// The session at an index, or the sessions in a slice.
    fn __getitem__<'py>(&self, index: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let item = self.sessions.bind(index.py()).as_any().get_item(index)?;
        match item.cast::<PyTuple>() {
            Ok(slice) => Ok(slice.to_list().into_any()),
            Err(_) => Ok(item),
        }
    }

    /// Fetches the next page, with the same filters and options. Returns None after the last page.
    ///
    /// The method of a page that an `AsyncClient` fetched has to be awaited.
    ///
    /// Raises:
    ///     UpscopeError: The call failed, or no client fetched this page: it was unpickled, or created from a dict.
    fn next_page<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let _entry = finalize_gate::enter(py);
        let fetch_next = slf.get().lock_fetch_next().as_ref().map(|function| function.clone_ref(py));
        match fetch_next {
            Some(function) => function.bind(py).call1((slf,)),
            None => Err(exceptions::invalid_argument(py, None, NO_CLIENT.to_owned(), None)),
        }
    }

    /// Sets the function of `next_page`.
    fn _set_fetch_next(&self, function: Py<PyAny>) {
        let previous = self.lock_fetch_next().replace(function);
        drop(previous);
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.sessions)?;
        match self.fetch_next.try_lock() {
            Ok(function) => visit.call(&*function),
            Err(_) => Ok(()),
        }
    }

    fn __clear__(&self) {
        let function = self.lock_fetch_next().take();
        drop(function);
    }
}
