{% from "python/operations.txt" import module %}
{{ module("AsyncOperations", "async ", "await ", "AsyncIterator") -}}
