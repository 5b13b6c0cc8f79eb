"""Given and family names to combine. Common ones of many origins: no combination points at anybody."""

GIVEN = (
    "Aisha Aled Amir Anna Anil Ava Beth Bilal Bronwen Callum Carys Chidi Chloe Connor Dafydd Daisy Deepa Dylan "
    "Eilidh Ellie Emeka Emma Esther Ewan Faisal Farah Fatima Fiona Freya Gareth George Grace Gwen Hannah "
    "Harpreet Harry Hassan Heather Holly Ibrahim Imran Ines Isla Ivy Jack Jade James Jamila Jasmine Joan "
    "Joseph Joy Kamal Karen Kate Kiran Kofi Kwame Lara Laura Leah Liam Lily Lowri Lucy Maja Marcus Maria Mark "
    "Mei Megan Mohamed Molly Nadia Naomi Nia Nikhil Noah Nora Olu Oliver Olivia Omar Owen Paige Patrick Paul "
    "Pavel Piotr Poppy Priya Rachel Rajesh Rhys Robert Rosa Ruby Ruth Ryan Sabrina Samir Sara Sean Shreya Sian "
    "Simran Sofia Sunil Tariq Tendai Thomas Tomasz Uzma Victor Wei William Yasmin Yusuf Zainab Zara Zoe "
).split()
FAMILY = (
    "Abbott Adeyemi Ahmed Akhtar Ali Allen Anderson Asante Bailey Baker Barker Begum Bell Bennett Bhatt "
    "Boateng Bowen Brown Burke Campbell Carter Chan Chaudhry Chen Clark Collins Cooper Cox Davies Desai Diallo "
    "Dixon Doherty Edwards Ellis Evans Fernandes Fisher Foster Gallagher Gill Grant Gray Green Griffiths Hall "
    "Harris Hill Hughes Hussain Iqbal Jackson James Jenkins Johnson Jones Joshi Kamara Kaur Kelly Khan King "
    "Kowalski Kumar Lee Lewis Lloyd Malik Marshall Martin Mason Mbeki Mehta Mensah Miah Mitchell Moore Morgan "
    "Morris Murphy Murray Ndlovu Nguyen Nowak Nwosu O'Brien Okafor Okeke Osei Owen Palmer Parker Patel Petrov "
    "Phillips Popescu Powell Price Rahman Reid Rees Reynolds Richards Roberts Robinson Rogers Russell Saeed "
    "Scott Shah Sharma Shaw Silva Singh Smith Sousa Stewart Taylor Thomas Thompson Turner Ward Watson White "
    "Williams Wilson Wood Wright Yilmaz Young Zhang "
).split()
