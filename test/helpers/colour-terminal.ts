/** To be imported before Ink: makes it draw in colour where the tests themselves have no terminal. */
process.env['FORCE_COLOR'] = '1';
delete process.env['NO_COLOR'];
