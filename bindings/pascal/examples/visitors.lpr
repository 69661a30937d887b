{ Prints the visitors who are online. The API key is in the environment variable UPSCOPE_API_KEY.
  The project requires the package libupscope.lpk: open the package in Lazarus once, then the project. }
program visitors;

{$MODE DELPHI}

uses
{$IFDEF UNIX}
  cthreads,
{$ENDIF}
  SysUtils, upscope, upscopejson;

var
  Client: TUpscopeClient;
  Found: IUpscopeJson;
  I: Integer;
begin
  try
    Client := TUpscopeClient.Create;
    try
      Found := Client.ListVisitors('online');
      for I := 0 to Found.Count - 1 do
        WriteLn(UTF8Encode(Found.Item(I).Text('short_id') + '  ' + Found.Item(I).Text('name', 'no name')));
    finally
      Client.Free;
    end;
  except
    { Also EUpscopeNotLoaded: the library is missing. }
    on Error: Exception do
    begin
      WriteLn(StdErr, Error.Message);
      ExitCode := 1;
    end;
  end;
end.
