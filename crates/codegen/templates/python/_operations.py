{% from "python/operations.txt" import module %}
{{ module("Operations", "", "", "Iterator") -}}
