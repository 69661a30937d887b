{% from "pascal/macros.txt" import additions, header, set_type, element_type, word_prefix %}
{% set done = namespace(names=[]) %}
{% for operation in operations %}
{% set flat = flat_operations[loop.index0] %}
{% for part in flat.parts if part.is_set and part.type_name not in done.names %}
{% set done.names = done.names + [part.type_name] %}
function {{ part.type_name }}Request(const Allow, Forbid: {{ set_type(part) }}): IUpscopeObject;
const
{{ part.values|map(attribute="key")|map("single_quoted")|list|fill("  Names: array[" ~ element_type(part) ~ "] of UpscopeText = (", ");", 120, "    ") }}
var
  One: {{ element_type(part) }};
begin
  if Allow * Forbid <> [] then
    RaiseInvalidArgument('A permission is in Allow and in Forbid: it can be in one of them.');
  Result := nil;
  if Allow + Forbid = [] then Exit;
  Result := UpscopeObject;
  for One := Low(One) to High(One) do
    if One in Allow + Forbid then Result.AddFlag(Names[One], One in Allow);
end;

{% endfor %}
{% set has_part = flat.parts|selectattr("is_object")|rejectattr("is_set")|list|length > 0 %}
{% if flat.record %}
function {{ flat.record.name }}Request(const {{ flat.record.name }}: TUpscope{{ flat.record.name }}): IUpscopeObject;
var
  Asked{{ ", Part" if has_part else "" }}: IUpscopeObject;
begin
  Asked := UpscopeObject;
{{ additions(flat, flat.record.name ~ ".") -}}
{{ "" }}  Result := Asked;
end;

{% endif %}
{% set answer = operation.answer %}
{% set member = answer.member if answer.shape == "object" or answer.kind == "objects" else "" %}
{{ header("function TUpscopeClient." ~ operation.name|camel ~ "(", operation, flat, false, "  ") }}
{% if flat.record or not flat.parts %}
begin
  Result := Answer('{{ operation.name }}', {{ flat.record.name ~ "Request(" ~ flat.record.name ~ ")" if flat.record else "UpscopeObject" }}, Options, '{{ member }}');
end;
{% else %}
var
  Asked{{ ", Part" if has_part else "" }}: IUpscopeObject;
begin
  Asked := UpscopeObject;
{{ additions(flat, "") -}}
{{ "" }}  Result := Answer('{{ operation.name }}', Asked, Options, '{{ member }}');
end;
{% endif %}

{% endfor %}
