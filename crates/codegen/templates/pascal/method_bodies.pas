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
  Item: {{ element_type(part) }};
begin
  if Allow * Forbid <> [] then
    RaiseInvalidArgument('A permission is in both Allow and Forbid.');
  Result := nil;
  if Allow + Forbid = [] then Exit;
  Result := UpscopeObject;
  for Item := Low(Item) to High(Item) do
    if Item in Allow + Forbid then Result.AddFlag(Names[Item], Item in Allow);
end;

{% endfor %}
{% set has_part = flat.parts|selectattr("is_object")|rejectattr("is_set")|list|length > 0 %}
{% if flat.record %}
function {{ flat.record.name }}Request(const {{ flat.record.name }}: TUpscope{{ flat.record.name }}): IUpscopeObject;
var
  Fields{{ ", Part" if has_part else "" }}: IUpscopeObject;
begin
  Fields := UpscopeObject;
{{ additions(flat, flat.record.name ~ ".") -}}
{{ "" }}  Result := Fields;
end;

{% endif %}
{% set response = operation.response %}
{% set member = response.member if response.shape == "object" or response.kind == "objects" else "" %}
{{ header("function TUpscopeClient." ~ operation.name|camel ~ "(", operation, flat, false, "  ") }}
{% if flat.record or not flat.parts %}
begin
  Result := CallMember('{{ operation.name }}', {{ flat.record.name ~ "Request(" ~ flat.record.name ~ ")" if flat.record else "UpscopeObject" }}, Options, '{{ member }}');
end;
{% else %}
var
  Fields{{ ", Part" if has_part else "" }}: IUpscopeObject;
begin
  Fields := UpscopeObject;
{{ additions(flat, "") -}}
{{ "" }}  Result := CallMember('{{ operation.name }}', Fields, Options, '{{ member }}');
end;
{% endif %}

{% endfor %}
