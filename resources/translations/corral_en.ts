<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>CheckPage</name>
    <message numerus="yes">
        <source>%1 read in %n model(s).</source>
        <translation>
            <numerusform>%1 read in %n model.</numerusform>
            <numerusform>%1 read in %n models.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) can be mended.</source>
        <translation>
            <numerusform>%n thing can be mended.</numerusform>
            <numerusform>%n things can be mended.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) were mended.</source>
        <translation>
            <numerusform>%n thing was mended.</numerusform>
            <numerusform>%n things were mended.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Counts</name>
    <message numerus="yes">
        <source>%n minute(s) ago</source>
        <translation>
            <numerusform>%n minute ago</numerusform>
            <numerusform>%n minutes ago</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n hour(s) ago</source>
        <translation>
            <numerusform>%n hour ago</numerusform>
            <numerusform>%n hours ago</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n day(s) ago</source>
        <translation>
            <numerusform>%n day ago</numerusform>
            <numerusform>%n days ago</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n week(s) ago</source>
        <translation>
            <numerusform>%n week ago</numerusform>
            <numerusform>%n weeks ago</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n month(s) ago</source>
        <translation>
            <numerusform>%n month ago</numerusform>
            <numerusform>%n months ago</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>+ %n message(s)</source>
        <translation>
            <numerusform>+ %n message</numerusform>
            <numerusform>+ %n messages</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>shared with %n other model(s)</source>
        <translation>
            <numerusform>shared with %n other model</numerusform>
            <numerusform>shared with %n other models</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>DuplicatesPage</name>
    <message numerus="yes">
        <source>%n file(s) lie in several places; keeping one of each would free %1.</source>
        <translation>
            <numerusform>%n file lies in several places; keeping one would free %1.</numerusform>
            <numerusform>%n files lie in several places; keeping one of each would free %1.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>HardwarePresenter</name>
    <message numerus="yes">
        <source>%n core(s)</source>
        <translation>
            <numerusform>%n core</numerusform>
            <numerusform>%n cores</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>HubPage</name>
    <message numerus="yes">
        <source>%n repository(ies)</source>
        <translation>
            <numerusform>%n repository</numerusform>
            <numerusform>%n repositories</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Importing</name>
    <message numerus="yes">
        <source>%n file(s) could not be imported.</source>
        <translation>
            <numerusform>%n file could not be imported.</numerusform>
            <numerusform>%n files could not be imported.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>MetadataPane</name>
    <message numerus="yes">
        <source>%n key(s)</source>
        <translation>
            <numerusform>%n key</numerusform>
            <numerusform>%n keys</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ModelCommands</name>
    <message numerus="yes">
        <source>%n model(s) are in the trash for 7 days.</source>
        <translation>
            <numerusform>%n model is in the trash for 7 days.</numerusform>
            <numerusform>%n models are in the trash for 7 days.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n chat(s) were deleted.</source>
        <translation>
            <numerusform>%n chat was deleted.</numerusform>
            <numerusform>%n chats were deleted.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ModelsPage</name>
    <message numerus="yes">
        <source>%n model(s)</source>
        <translation>
            <numerusform>%n model</numerusform>
            <numerusform>%n models</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n model(s)</source>
        <translation>
            <numerusform>%1 of %n model</numerusform>
            <numerusform>%1 of %n models</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message numerus="yes">
        <source>%n paused transfer(s)</source>
        <translation>
            <numerusform>%n paused transfer</numerusform>
            <numerusform>%n paused transfers</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TensorPane</name>
    <message numerus="yes">
        <source>%n tensor(s), %1 parameters, %2</source>
        <translation>
            <numerusform>%n tensor, %1 parameters, %2</numerusform>
            <numerusform>%n tensors, %1 parameters, %2</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TrashDialog</name>
    <message numerus="yes">
        <source>Removed models stay here for %n day(s).</source>
        <translation>
            <numerusform>Removed models stay here for %n day.</numerusform>
            <numerusform>Removed models stay here for %n days.</numerusform>
        </translation>
    </message>
</context>
</TS>
