program call;

{$MODE DELPHI}

uses
{$IFDEF UNIX}
  cthreads,
{$ENDIF}
  SysUtils, upscope, upscopejson;

var
  Client: TUpscopeClient;
  Request: TUpscopeRenameVisitor;
begin
  Client := TUpscopeClient.Create;
  try
    Request := UpscopeRenameVisitor('1234', 'Ann Lee', '7');
    Request.Reason := 'She asked for it.';
    WriteLn(string(Client.RenameVisitor(Request).Text('name')));
  finally
    Client.Free;
  end;
end.
