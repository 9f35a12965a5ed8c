"""One file for each convention that devices speak over MQTT: reports in, commands out.

A bridge moves no bytes itself. It says which topics it listens to, turns a message into reports,
and a command into messages. A vendor's words stop here: beyond it there are only words of the home.
"""
