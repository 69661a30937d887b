{% from "pascal/macros.txt" import error_class %}
function ErrorClassOf(Status: Integer): TErrorClass;
begin
  case Status of
{% for status in statuses if status.error %}
    UPSCOPE_{{ status.name|upper }}: Result := {{ error_class(status) }};
{% endfor %}
  else
    { A newer library may have a status that is not known here. }
    Result := EUpscopeError;
  end;
end;
